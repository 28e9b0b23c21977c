// How a rule with a date is told: what it speaks of, and its figures.
import { figure, fine, percent } from "../numbers/figures";
import { say } from "../state/texts.svelte";
import { town } from "../state/town.svelte";
import type { Reach, Schedule } from "./shapes";

export function scopeName(told: Schedule, one: Reach): string {
  if (!one.scope) return say("plan.scope.city");
  return one.rule === "plant" ? (told.plants[one.scope] ?? one.scope) : town.districtName(one.scope);
}

/** A figure of a rule without its unit. */
export function reachText(one: Reach, value: number | null): string {
  if (one.rule === "length" || one.rule === "capacity") return percent(value);
  return one.rule === "plant" ? fine(value) : figure(value);
}

export const reachUnit = (one: Reach): string => (one.rule === "plant" ? "mg/L" : one.rule === "must" ? "m" : "%");

// What the service says of the choices that were worked out for a programme.
import { figure } from "../numbers/figures";
import { say } from "../state/texts.svelte";

export type Kind = "probability" | "budget" | "later" | "share";
export interface PlantChance { plant: string; name: string; window: string; chance: number; low: number; high: number; span?: [number, number] }
export interface Against { cost: number; added: number; dropped: number; moved: number; otherwise: number }
export interface Alternative {
  id: string; kind: Kind; value: number; probability: number; status: string; cost: number; bound: number; gap: number;
  chance: number; span: [number, number]; today: number; draws: number; kept: boolean; form: string; length_m: number; count: number;
  years: { window: string; cost: number }[]; plants: PlantChance[]; relaxed: string[]; current: boolean; against: Against | null;
}
export interface Step {
  kind: "money" | "fund" | "district" | "crew" | "month" | "window"; scope?: string; name?: string; window: string; amount: number; limited: boolean;
  other?: boolean; guess?: number | null; holds?: number | null; saved?: number | null; span?: [number, number] | null; status?: string;
}
export interface Unknown {
  kind: "area" | "method" | "package"; name: string; shown: { zh: string; en: string }; guess: number; draws: number; out_of_reach: number;
  saving: number | null; span: [number, number] | null; cost: number | null;
}
export interface Found {
  programme: string; draws: number; chance: number; span: [number, number]; plants: PlantChance[];
  targets: { window: string; share: number; chance: number; span: [number, number] }[];
  missing: number; together: boolean; plant_sd: { plant: string; name: string; sd: number }[];
  base: { cost: number; bound: number; status: string; form: string; probability: number };
  steps: Step[]; knowing: Unknown[]; nothing?: "" | "unreached" | "unpriced" | "slack" | "certain"; level: number; study: string; by: string; at: string; simulated: boolean;
}
export interface ChoicesAnswer { may_choose: boolean; simulated: boolean; found: Found | null; alternatives: Alternative[]; current: string; stale?: boolean }
export interface Deed { method: string; method_name: { zh: string; en: string }; window: string; cost: number }
export interface Difference { package: string; asset: string; kind: "added" | "dropped" | "changed"; before: Deed | null; after: Deed | null }
export interface DifferencesAnswer { id: string; count: number; rows: Difference[] }
export interface Why { package: string; chosen: boolean; option: string; window: string; cost: number; net: number; verdict: string; assets: string[]; method_name: { zh: string; en: string }; said: string }
export interface WhyAnswer { programme: string; known: boolean; older: string; held: string; may: boolean; count: number; in: number; rows: Why[] }

export const percent0 = (share: number): string => String(Math.round(share * 100));
export const wan = (yuan: number): string => figure(yuan / 10000);

/** What is otherwise in an alternative, in words. */
export function called(one: Alternative): string {
  return say(`choices.kind.${one.kind}`, { value: one.kind === "later" ? String(one.value) : `${percent0(one.value)} %` });
}

// How a value of a register is written: codes by their words, numbers as stored.
import { stored } from "../numbers/figures";
import { say } from "../state/texts.svelte";
import { town } from "../state/town.svelte";
import type { Entry, Value } from "./shapes";

export function isNumber(entry: Entry): boolean {
  return entry.kind === "number" || entry.kind === "integer";
}

/** Whether a column names a district: it is written, and chosen, by its name. */
export function isDistrict(entry: Entry): boolean {
  return entry.name === "district";
}

export function written(entry: Entry | undefined, value: Value | undefined): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "boolean") return say(value ? "register.yes" : "register.no");
  if (entry && isDistrict(entry)) return town.districtName(String(value));
  if (entry?.codes) return String(value).split("|").map((code) => town.code(entry.codes!, code)).join(say("page.list_and"));
  if (typeof value === "number") return entry?.kind === "integer" && entry.name.includes("year") ? String(value) : stored(value);
  const list = entry?.words;
  return list ? String(value).replace(/(?<=^|[;,] )[a-z0-9_.]+(?=$|[ ,;])/g, (code) => town.code(list, code)) : String(value);
}

/** Whether the values of a column may be added up: lengths may, diameters may not. */
export function addsUp(name: string): boolean {
  return /^(length|area|volume|flow|design_flow|cost|population|people|capacity|premises|flow_removed|load_gained|sewage|defects)$/.test(name);
}

/** The conditions of a filter by column: what stands behind the column's name. */
export function conditions(text: string | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of (text ?? "").split(/(?<!\\);/)) {
    const shape = /^\s*(\w+)\s*((?:~|>=|<=|!=|=|>|<).*)$/s.exec(part);
    if (shape) found[shape[1]!] = found[shape[1]!] ? `${found[shape[1]!]};${shape[1]}${shape[2]}` : shape[2]!;
  }
  return found;
}

export function filterText(of: Record<string, string>): string {
  return Object.entries(of).filter(([, rest]) => rest).map(([name, rest]) => name + rest).join(";");
}

/** What somebody typed into the head of a column, as a condition: >=3, 2..5, =, text. */
export function typed(entry: Entry, text: string): string {
  const plain = text.trim().replaceAll(";", "\\;");
  if (!plain) return "";
  if (/^(~|>=|<=|!=|=|>|<)/.test(plain)) return plain;
  const span = /^(.*?)\s*(?:\.\.|…|\u81f3)\s*(.*)$/.exec(plain);
  if (span && (isNumber(entry) || entry.kind === "date")) {
    return [span[1] && `>=${span[1]}`, span[2] && `<=${span[2]}`].filter(Boolean).join(`;${entry.name}`);
  }
  return (isNumber(entry) ? "=" : entry.kind === "date" ? ">=" : "~") + plain;
}

export function shownCondition(rest: string | undefined): string {
  return (rest ?? "").replace(/^~/, "").replaceAll("\\;", ";");
}

// The rules of a programme as the service tells them, and how each list of them is filled in.
import { place } from "../state/place.svelte";
import { has, say } from "../state/texts.svelte";

export type Body = Record<string, unknown>;
export type Row = Record<string, unknown>;
export type Limits = Record<string, number | null>;
export interface Named { id: string; name?: string; zh?: string; en?: string }
export interface Names { plants: Named[]; districts: Named[]; methods: Named[]; streets: string[]; pollutants: string[]; funds: string[]; places: string[]; amounts: string[] }
interface Sentences { says: string; remedy: string }
export interface Told { code: string; field: string; weight: string; zh: Sentences; en: Sentences }
export interface Version { number: number; at: string; who: string; why: string; changed: string[] }
export interface Verdict { rule: string; scope: string; window: string; demanded: number; reached: number | null; unit: string; holds: boolean }
export interface RulesTold { rules: Body; usual: Body; names: Names; doubts: Told[]; versions: Version[]; version: number; verdicts: Verdict[]; may: boolean }
export interface Checked { faults: Told[]; doubts: Told[]; changed: string[] }

export type Sort = "year" | "number" | "share" | "text" | "flag" | "limits" | "methods" | "districts" | "choice";
export interface Column { name: string; sort: Sort; options?: (names: Names, windows: string[]) => [string, string][]; hint?: string; among?: (names: Names, row: Row) => string[]; empty?: "null" | "" }

export const called = (one: Named): string => (place.lang === "zh" ? one.zh : one.en) ?? one.name ?? one.id;
export const column = (name: string): string => (has(`page.planrules.col_${name}`) ? say(`page.planrules.col_${name}`) : name);
export const rule = (name: string): string => (has(`page.plan.rule_${name}`) ? say(`page.plan.rule_${name}`) : name);
const word = (group: string, name: string): string => (has(`page.planrules.${group}_${name}`) ? say(`page.planrules.${group}_${name}`) : name);
const all = (some: Named[], first: [string, string][] = []): [string, string][] => [...first, ...some.map((one): [string, string] => [one.id, called(one)])];
const years = (windows: string[], first: [string, string][] = []): [string, string][] => [...first, ...windows.map((one): [string, string] => [one, one])];

const plant: Column = { name: "plant", sort: "choice", options: (names) => all(names.plants, [["", say("page.planrules.all_plants")]]) };
const by: Column = { name: "by", sort: "choice", options: (_, windows) => years(windows) };
const source: Column = { name: "source", sort: "text" };
const why: Column[] = [{ name: "reason", sort: "text" }, { name: "who", sort: "text" }];
const pollutant: Column = { name: "pollutant", sort: "choice", options: (names) => names.pollutants.map((one) => [one, column(one)]) };
const district: Column = { name: "district", sort: "choice", options: (names) => all(names.districts, [["", say("page.planrules.city")]]) };

/** The columns of every list of rules. */
export const LISTS: Record<string, Column[]> = {
  capacity_share: [by, { name: "share", sort: "share" }, pollutant, { name: "threshold_mg_per_L", sort: "number", hint: "by_own", empty: "null" }, source],
  length_share: [by, { name: "share", sort: "share" }, { ...district, options: (names) => all(names.districts, [["", say("page.planrules.city")], ["*", say("page.planrules.each_district")]]) }, { name: "denominator_m", sort: "number", empty: "null" }, source],
  plant_margins: [by, plant, pollutant, { name: "operator", sort: "choice", options: () => [[">=", "≥"], [">", ">"], ["<=", "≤"], ["<", "<"]] }, { name: "threshold_mg_per_L", sort: "number" }, { name: "resolution_mg_per_L", sort: "number" }, source],
  flow_limits: [by, plant, { name: "limit_m3_per_d", sort: "number", hint: "capacity", empty: "null" }, source],
  funds: [{ name: "fund", sort: "text", among: (names) => names.funds }, { name: "limits_wan_yuan", sort: "limits", hint: "no_money" }, { name: "districts", sort: "districts" }, { name: "methods", sort: "methods" }, source],
  district_budgets: [{ ...district, options: (names) => all(names.districts) }, { name: "limits_wan_yuan", sort: "limits", hint: "no_limit" }, source],
  method_crew_days: [{ name: "method", sort: "choice", options: (names) => all(names.methods) }, { name: "limits_d", sort: "limits", hint: "no_limit" }, source],
  minimum_work: [{ name: "window", sort: "choice", options: (_, windows) => years(windows, [["*", say("page.planrules.each_year")]]) }, { name: "amount", sort: "number" }, { name: "unit", sort: "choice", options: (names) => names.amounts.map((one) => [one, word("amount", one)]) }, district, source],
  moratoria: [{ name: "of", sort: "choice", options: (names) => names.places.map((one) => [one, word("place", one)]) }, { name: "name", sort: "text", among: (names, row) => (row.of === "street" ? names.streets : row.of === "district" ? names.districts.map((one) => one.id) : []) }, { name: "from", sort: "choice", options: (_, windows) => years(windows, [["", "…"]]) }, { name: "until", sort: "choice", options: (_, windows) => years(windows, [["", "…"]]) }, { name: "methods", sort: "methods" }, { name: "reason", sort: "text" }, source],
  precedence: [{ name: "first", sort: "text" }, { name: "then", sort: "text" }, { name: "earlier", sort: "flag" }, { name: "reason", sort: "text" }, source],
  must_do: [{ name: "name", sort: "text" }, by, ...why],
  must_not: [{ name: "name", sort: "text" }, ...why],
};

/** The groups of the form: single values, then lists. */
export const GROUPS: { name: string; singles: string[]; lists: string[] }[] = [
  { name: "targets", singles: ["windows", "threshold_mg_per_L", "operator", "resolution_mg_per_L", "probability", "must_by", "load_guard"], lists: ["capacity_share", "length_share", "plant_margins", "flow_limits"] },
  { name: "money", singles: ["budget_wan_yuan", "pace"], lists: ["funds", "district_budgets"] },
  { name: "works", singles: ["crew_days"], lists: ["method_crew_days", "minimum_work"] },
  { name: "places", singles: [], lists: ["moratoria", "precedence", "must_do", "must_not"] },
  { name: "model", singles: ["problem_grade", "must_grade", "discount", "clean_bod_mg_per_L", "premises_flow_m3_per_d", "clean_others_mg_per_L", "change_price_yuan"], lists: [] },
];

/** A new row of a list, its choices at their first value. */
export function fresh(list: string, names: Names, windows: string[]): Row {
  const first: Record<Sort, unknown> = { year: windows[0], number: 0, share: 0.5, text: "", flag: false, limits: {}, methods: [], districts: [], choice: "" };
  return Object.fromEntries(LISTS[list]!.map((one) => [one.name, one.empty === "null" ? null : one.options ? one.options(names, windows)[0]?.[0] ?? "" : first[one.sort]]));
}

/** Whom a verdict is about, in words: a plant, a district, a method by its name. */
export function scopeOf(one: Verdict, names: Names): string {
  if (!one.scope) return say("plan.scope.city");
  const known = new Map([...names.plants, ...names.districts, ...names.methods].map((row) => [row.id, called(row)]));
  return one.scope.split(" ").map((part) => known.get(part) ?? (names.pollutants.includes(part) ? column(part) : has(`page.planrules.fund_${part}`) ? say(`page.planrules.fund_${part}`) : part)).join(" ");
}

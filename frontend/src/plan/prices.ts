// What the service says of methods and prices, and how a row of the table is called.
import { has, say } from "../state/texts.svelte";

export type Row = Record<string, string>;
export interface Share { mean: number; low: number; high: number }
export interface Field { field: string; before: string; after: string }
export interface Difference { method: string; zh: string; en: string; kind: "added" | "removed" | "changed"; fields: Field[] }
export interface Fault { code: string; weight: string; method: string; row: number | null; facts: Record<string, string | number> }
export interface Version { id: string; at: string; by: string; reason: string; edition: string; difference: Difference[] }
export interface Method {
  key: string; zh: string; en: string; row: Row; site: string; price_per: string; status: string; changed: boolean;
  host: { min_diameter: number | null; max_diameter: number | null; max_grade: number | null; max_spots: number | null; needs: string[] };
  prices: { diameter: number; depth: number; yuan: number }[];
  effect: Share; verified: (Share & { judged: string[] }) | null;
}
export interface Column { name: string; kind: "text" | "choice" | "number"; unit: string }
export interface Prices {
  edition: string; default_edition: string; status: string; columns: Column[]; methods: Method[]; contractors: { name: string; mean: number; sd: number; judged: string[] }[];
  issues: Fault[]; versions: Version[]; plans: { id: string; at: string; cost: number; edition: string }[]; sizes: number[]; may: boolean; simulated: boolean;
}
export interface Preview { issues: Fault[]; blocked: boolean; difference: Difference[]; rows: Row[] }

/** "price_a, price_b" in words. */
export const columnName = (names: string): string => names.split(", ").map((one) => (has(`prices.column.${one}`) ? say(`prices.column.${one}`) : one)).join(say("page.list_and"));

/** A share as per cent with its interval. */
export const percent = (one: Share): string => `${(100 * one.mean).toFixed(0)} (${(100 * one.low).toFixed(0)}–${(100 * one.high).toFixed(0)})`;

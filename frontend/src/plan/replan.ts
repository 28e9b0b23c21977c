// What the service tells of programmes made anew.
import type { Words } from "../api/shapes";
import type { Job } from "../survey/shapes";

export type What = "in" | "out" | "moved" | "method" | "price" | "same";
export interface FactTold { kind: string; said: string; count: number; assets: string[]; ids: string[]; assumed: boolean }
export interface Head { id: string; at: string; by: string; status: string; cost: number; bound: number; gap: number; count: number; length_m: number; catalogue: string }
export interface DifferenceRow {
  package: string; what: What; asset_type: string; assets: string[]; district: string; plant: string; window_before: string | null; window_after: string | null;
  method_before: Words[]; method_after: Words[]; cost_before: number; cost_after: number; length: number; flow_before: number; flow_after: number; fixed: string;
  because: number[]; through: number[];
}
export interface PlantWindow { window: string; before?: number | null; after?: number | null; meets_before?: boolean; meets_after?: boolean }
export interface DifferenceTold {
  before: Head; after: Head; sums: { what: What; count: number; cost: number; length_m: number }[]; rows: DifferenceRow[];
  years: { window: string; before: number; after: number }[]; plants: { plant: string; threshold: number; windows: PlantWindow[] }[];
  names: Record<string, string>; drawn: GeoJSON.FeatureCollection; facts: FactTold[];
}
export interface Drawn { chance: number; span: [number, number]; draws: number }
export interface Proposal extends DifferenceTold {
  id: string; chance: { before: Drawn | null; after: Drawn | null }; change_price: number; changes: Record<string, number>; keeping: string[]; keeping_cost: number; overdue: string[]; relaxed: string[];
  assumed: boolean; refused: string; simulated: boolean;
}
export interface Asking {
  programme: string; at: string; may: boolean; facts?: FactTold[];
  methods?: { key: string; name: Words; unit: string; price: number }[]; windows?: string[]; first_open?: number;
  budgets?: Record<string, number | null>; change_prices?: Record<string, number>;
  lots?: { id: string; project: string; name: string; pipes: number; accepted: number }[];
  verifications?: { id: string; name: string; verdict: string; methods: string[] }[];
  proposals?: { id: string; at: string; by: string; status: string; cost: number; assumed: boolean }[];
}
export interface PastProgramme { id: string; at: string; by: string; status: string; cost: number; gap: number; count: number; length_m: number; base: string; facts: number; change_price: number; catalogue: string }
export interface Relaxing {
  programme: string; status: string; rows: { rule: string; scope: string; window: string; said: string; patch: Record<string, unknown> | null; to: Record<string, string>; cause: string[]; instead: Record<string, unknown> | null; instead_to: Record<string, string> }[];
  plants: { plant: string; name: string; counts: boolean; wanted: number; best: number | null; can: boolean }[];
}
export interface Verified { programme: string; holds: boolean; checked: { lines: number; rules: number }; lines: { asset: string; option: string; said: string }[]; more: number; rules: string[]; sums: string[]; certificate: { bound: number; cost: number } | null; may_take: boolean }
export interface ReplanJob extends Job { result: { proposal: string } | null }

export const COLOURS: Record<Exclude<What, "same">, string> = { in: "--gain", out: "--late", moved: "--on_time", method: "--at_risk", price: "--total" };
export const WORD: Record<What, string> = { in: "page.replan.in", out: "page.replan.out", moved: "page.replan.moved", method: "page.replan.method", price: "page.replan.price_only", same: "page.replan.same" };

// What the registers answer: values in the unit of the heading.
import type { Words } from "../api/shapes";

export type Value = string | number | boolean | null;
export interface Entry {
  name: string; kind: string; label: Words; unit: string; required: boolean;
  codes: string | null; words?: string | null; refers_to: string[] | null; fixed?: boolean;
}
export interface Register {
  name: string; of: "assets" | "records"; chain: string; geometry: string; label: Words; count: number | null; fields: Entry[];
  may?: boolean; written?: boolean; filed?: boolean; made?: string; reasoned?: boolean; deed?: Words | null; screen?: string; // of statements: who states them anew, or by which deed they come about
}
export interface Related { register: string; label: Words; where: string; count: number }
export interface Total { count: number; sum: number | null; mean: number | null; low: number | null; high: number | null }
export interface Page {
  register: string; total: number; found: number; offset: number; columns: string[]; ids: string[];
  cells: Record<string, Value[]>; totals: Record<string, Total>; filled: string[]; version: number;
  groups: { values: (string | null)[]; count: number; sums: Record<string, number> }[] | null;
}
export type Shape = [number, number][][];
export interface File { name: string; media: string; image: boolean; size: number; who: string; at: string }
export interface Form {
  type: string; id: string; geometry: string; there: boolean; based_on: number;
  fields: (Entry & { value: Value })[]; shape: Shape; fixed?: boolean; files: File[];
  may?: boolean; written?: boolean; filed?: boolean; made?: string; naming?: string[]; ends?: boolean; reasoned?: boolean; deed?: Words | null; screen?: string; related?: Related[];
}
export interface Version {
  number: number; at: string; until: string; who: string; why: string; made: boolean; gone?: boolean; undo?: boolean;
  changes: { field: string; before: Value; after: Value }[];
  shape: { before: [number, number][][]; after: [number, number][][] } | null;
}
export interface Conflict { type: string; id: string; field: string; before: Value; mine: Value; theirs: Value; who: string; at: string }
export interface Report {
  written: boolean; version: number; count: number; assets: number;
  changes: { type: string; id: string; field: string; before: Value; after: Value }[];
  issues: { id: string; field: string | null; says: Words; remedy: Words }[]; issue_count: number; conflicts: Conflict[];
}

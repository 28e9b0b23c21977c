// What the service says of inspections and their deliveries.
import type { Words } from "../api/shapes";

export interface Medium { name: string; kind: "film" | "picture"; address: string; here: boolean }
export interface Row {
  id: string; asset_type: string; asset: string; method: string; date: string; length: number | null; standard: string; start: string; end: string;
  defects: number; worst: number; structural_grade: number | null; functional_grade: number | null; media: number; inspector: string; withdrawn?: unknown;
}
export interface Page { count: number; sums: { length: number; defects: number; media: number }; rows: Row[] }
export interface Seen {
  code: string; level: number; start: number | null; length: number; written: number | null; again: boolean; run: string; clock: string; remark: string; characters: string[];
  quantities: (number | null)[]; name: Words | null; picture: Medium | null; film: Medium | null; film_at: number | null;
}
export interface Gone { why: string; who: string; at: string }
export interface Counting {
  ids: string[]; date: string; method: string; why: "only" | "newest" | "method"; weak?: { says: string; clause: string; status: string } | null; sounded: { id: string; date: string; method: string }[]; lesser: { id: string; date: string; method: string; says: string; clause: string; status: string }[];
}
export interface Inspected extends Omit<Row, "withdrawn"> {
  time: string; direction: string; edition: string; reason: string; weather: string; simulated: boolean; drawing: string; file: string;
  pipe: { start: string; end: string; length: number | null };
  axis: {
    start: string; length: number | null; covered: number; coverage: number | null; overlap: number; gap: [number, number] | null;
    runs: { id: string; date: string; backward: boolean; begin: number; end: number; start: string }[];
  };
  defects: never; media: never; counts: Counting | null; withdrawn: Gone | null;
}
export interface Whole extends Omit<Inspected, "defects" | "media"> {
  defects: Seen[]; media: Medium[]; others: { id: string; date: string; method: string }[]; issues: { says: string; remedy: string }[];
  grade: { told: string[]; counted: { family: string; codes: string[]; start: number; end: number; score: number; length: number; near: boolean }[] } | null;
  handed: { number: string; name: string; file: string; where: string; source: string; stated: Record<string, number | string>; facts: Record<string, string>; missing: string[] }[];
}
export interface Covered { district: string; pipes: number; length: number; surveyed: number; seen: number; share: number | null; twice: number; last: string }
export interface Told {
  counts: Record<"new" | "more" | "same" | "waiting" | "elsewhere", number>; inspections: number; assets: number; length: number; defects: number; media: number; missing: number; strays: string[];
  bad: number; reports: { file: string; format: string; inspections: number; says: string }[]; issues: { code: string; weight: string; says: string; file: string; row: number | null }[]; rules: { code: string; weight: string; name: string; count: number }[];
  rows: { id: string; name: string; start: string; end: string; asset: string; by: string; state: string; trouble: string; maybe: string[]; method: string; date: string; length: number | null; defects: number; media: number; missing: string[] }[];
}
export interface Delivery {
  id: string; city: string; who: string; at: string; files: string[]; size: number; state: "receiving" | "checked" | "accepted"; summary: Told | null;
  result: { number: number; inspections: string[]; same: number; waiting: number; documents: number; graded: number; changed?: boolean; alarms?: string[]; handed_on?: number } | null;
}
export interface Differences {
  compared: number; pipes: number; causes: { cause: string; says: string; count: number }[];
  rows: { inspection: string; asset: string; inspector: string; date: string; figure: string; stated: number | string; ours: number; says: string }[];
}

// What the server answers of problems.
export interface Names { zh: string; en: string }
export interface StepRow extends Names { step: string; needs: string[] }
export interface Tables {
  kinds: Record<string, Names & { at: string[] }>; // asset types that can have it; none: any
  states: Record<string, Names & { open: boolean }>;
  steps: Record<string, Names & { needs: string[]; from: string[]; who: string }>;
  emergencies: Record<string, Names>;
}
export interface ProblemRow {
  id: string; asset_type: string; asset: string; kind: string; origin: string; severity: number; emergency: boolean; what: string;
  found_on: string; state: string; open: boolean; owes: string; since: string; district: string; district_name: string; offered: string;
  road: string; body: string; person: string; due: string; overdue: boolean; length_m: number; version: number;
}
export interface Ledger {
  states: Record<string, { count: number; length_m: number }>;
  overdue: number; rows: ProblemRow[]; count: number; fitting: number; listed: number; tables: Tables; choices: Choices; overlaps: Overlapping[]; districts: District[];
}
export interface District { id: string; name: string }
export interface Side { id: string; version: number; state: string; asset: string; found_on: string; stretch: (number | null)[] }
export interface Overlapping { merged: Side; into: Side }
export interface Choices { kind: string[]; origin: string[]; body: string[]; person: string[] }

/** What of the ledger is asked for, beside district, state and day: `only` of the address. */
export const ASKED = ["kind", "origin", "body", "person", "since", "until"] as const;
export function asked(only: string | undefined): Record<string, string | undefined> {
  const given = new URLSearchParams(only ?? "");
  return Object.fromEntries(ASKED.map((name) => [name, given.get(name) ?? undefined]));
}
export interface ProblemEvent {
  id: string; step: string; at: string; by: string; note: string; body: string; person: string; due: string; district: string;
  others: string[]; evidence: string[]; severity: number; reasons: string[];
}
export interface ProblemLife extends ProblemRow {
  stretch: (number | null)[]; asset_length_m: number; reasons: string[]; evidence: string[]; by: string; at: string; others: string[];
  rule: { hours: number; zh: string; en: string; source: string; status: string };
  timeline: ProblemEvent[]; steps: StepRow[]; tables: Tables; overlaps: Overlapping[]; districts: District[];
}
export interface Alarm { id: string; problem: string; asset_type: string; asset: string; why: string; at: string; noted: { by: string; at: string } | null }
export interface Alarms { rows: Alarm[]; open: number; emergencies: Record<string, Names> }

export interface Stretch { start: number | null; end: number | null; what: string }
/** The stretch that a problem is of: its own, else its whole conduit. [m] */
export function stretch(one: ProblemLife): [number, number] {
  const [start, end] = one.stretch;
  return typeof start === "number" && typeof end === "number" ? [start, end] : [0, one.asset_length_m];
}
/** A problem cut in the middle: what a split begins with. */
export function cut(one: ProblemLife): Stretch[] {
  const [start, end] = stretch(one);
  const middle = Math.round((start + end) / 2);
  const last = Math.round(end * 100) / 100;
  return [{ start, end: middle, what: "" }, { start: middle, end: last, what: "" }];
}

/** Where in a life a state stands: its mark has the same colour everywhere. */
export const TONE: Record<string, string> = {
  found: "--late", reopened: "--late", confirmed: "--late", assigned: "--at_risk", due: "--at_risk", designed: "--at_risk",
  repairing: "--on_time", tested: "--on_time", reinspected: "--on_time", closed: "--reached", refused: "--unknown", merged: "--unknown", split: "--unknown",
};

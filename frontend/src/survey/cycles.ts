// What the server answers of inspections to come.
export const KINDS = ["structural", "functional"] as const;
export const STATES = ["within", "due", "overdue", "never"] as const;
export type Kind = (typeof KINDS)[number];
export type State = (typeof STATES)[number];
export type Lengths = Record<State, number>;

export interface Totals { length_m: Lengths; count: Lengths; districts: { district: string | null; length_m: Lengths }[] }
export interface DueRow { conduit: string; kind: Kind; state: State; due: string; overdue: string; sooner: string[]; length_m: number; district: string; road: string }
export interface Cycle { kind: Kind; rule: string; low: number; high: number; zh: string; en: string; standard: string; edition: string; status: string }
export interface Due { day: string; kinds: Record<Kind, Totals>; rows: DueRow[]; listed: number; cycles: Cycle[] }

export interface Method { weighted: boolean; effective: number; never_seen: string; chain: string; chain_source: string; inspections: number; assumed_age: number; ages_unknown: number; leak_known: number }
export interface Stretch { stretch: string; road: string; district: string; conduits: string[]; length_m: number; days: number; expected_found_m: number; must: boolean }
export interface LookPlan {
  crew_days: number; days_used: number; length_m: number; expected_found_m: number; bound_m: number; gap: number;
  left_over: string[]; stretches: Stretch[]; count: number; listed: number; method: Method;
}

export interface Order { inspected: number[]; found: number[]; area: number }
export interface Worse {
  method: Method;
  chain: { name: string; source: string; inspections: number; years: number[]; shares: number[][] };
  survival: { weibull: number[]; scale: number; inspections: number } | null;
  calibration: { auc: number; brier: number; said: number[]; seen: number[]; low: number[]; high: number[]; count: number[] } | null;
  orders: Record<string, Order>;
}

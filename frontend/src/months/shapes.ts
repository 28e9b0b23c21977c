// What the service says of the months of a city.
export const WATERS = ["extraneous", "groundwater", "river", "sewage"] as const;
export type Water = (typeof WATERS)[number];
export interface Run { since: string; until: string; areas: number; meters: number; forcings: string[]; tracers: string[]; false_alarms: number; limit: number; misfit: number; spread: Record<string, number>; at: string; by: string }
export interface Other { kind: string; asset: string; name: string; share: number }
export interface MonthEvent {
  asset: string; name: string; at: [number, number] | null; what: string; kind: string; month: string; first: string; last: string;
  size: number; low: number; high: number; unit: string; z: number; sure: number; problem: boolean; others: Other[]; inputs: string[];
}
export interface MonthArea { asset: string; name: string; district: string; at: [number, number] | null; value: number | null; low: number | null; high: number | null; change: number | null; what: string; outline: GeoJSON.Geometry | null }
export interface Months { run: Run | null; events: MonthEvent[]; areas: MonthArea[]; may_run: boolean; simulated: boolean }
export type Band = { value: (number | null)[]; low: (number | null)[]; high: (number | null)[] };
export type MonthChart = Record<Water, Band> & { months: string[]; base: (number | null)[]; read: (number | null)[]; spoiled: string[] };
export interface MonthView { asset: string; name: string; at: [number, number] | null; chart: MonthChart; events: MonthEvent[]; inputs: string[]; as_of: string; by: string; simulated: boolean }

/** The colour of what happened: clean water red, what went well green, meters grey. */
export function shade(what: string): string {
  return { broke: "--grade-4", lost: "--grade-3", users: "--grade-2", mended: "--grade-1" }[what] ?? (what ? "--text-soft" : "--storm");
}

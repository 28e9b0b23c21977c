// What the service tells of whether works worked.
export interface EffectRow {
  id: string; name: string; project: string; meter: string; control: string; metric: string; begins: string; ended: string;
  registered: string; filed: string; by: string; expected: number; asked_days: number; contractor: string; simulated: boolean;
  judged: string; verdict: "seen" | "not_seen" | "wait" | "blind" | "no_readings"; more: number;
  change: number | null; low: number | null; high: number | null; sd: number | null; threshold: number | null; flow: number | null;
  dry_days: number; since: string; until: string; control_state: "none" | "used" | "gaps" | "stopped" | "broke";
}
export interface Learned { key: string; prior: number; prior_sd: number; mean: number; sd: number; judged: string[] }
export interface Effects { rows: EffectRow[]; methods: Learned[]; contractors: Learned[]; simulated: boolean; may: boolean }
export interface EffectChart { days: string[]; change: (number | null)[]; control: (number | null)[]; flow: (number | null)[]; expected: (number | null)[] }
export interface EffectOne extends EffectRow {
  terms: { rate: number; power: number; least: number; threshold: number; threshold_alone: number; share: number; sd: number; band: string; windows: number; since: string };
  seal: string; last: Record<string, string>; may: boolean; chart: EffectChart;
}
/** A flow meter that works can be judged at. */
export interface Judging { id: string; name: string; since: string; until: string; days: number }
/** What the history of a meter allows, and the terms that would be sealed. */
export interface Power {
  meter: string; control: string; since: string; until: string; days: number; why: "" | "blind" | "history"; least: number | null; doubts: string[];
  rows: { dry_days: number; kind: string; windows: number; half: number; needed: number }[];
  needs: { effect: number; dry_days: number; days: number }[];
  terms: { dry_days: number; threshold: number; threshold_alone: number } | null;
}
export const TONE: Record<string, string> = { seen: "--reached", not_seen: "--bad", wait: "--accent", blind: "--text-soft", no_readings: "--text-soft" };
/** A change in per cent with its sign. */
export const change = (value: number | null): string => (value === null ? "–" : `${value > 0 ? "+" : value < 0 ? "\u2212" : ""}${Math.abs(100 * value).toFixed(1)}`);
/** The date some days from now, as the service counts days: the time of China. */
export const later = (days: number): string => new Date(Date.now() + 8 * 36e5 + days * 864e5).toISOString().slice(0, 10);

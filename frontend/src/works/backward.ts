// What the service tells of a backward schedule, and where a day lies in its picture.
export interface TeamSpan { team: string; name: string; begins: string; ends: string; days: number; length: number; rate: number; asked: number; lent: boolean }
export interface StepSpan { step: string; begins: string; ends: string }
export interface Row {
  district: string; goal: Goal; left: number; of: number; done: number; count: number; unlet: number; done_by: string; days: number; needed: number | null; can: number;
  begins: string; ends: string; slack: number | null; short: number; more: number | null; teams: TeamSpan[]; marks: { date: string; length: number }[]; before: StepSpan[]; after: StepSpan[];
}
export interface Step { step: string; side: string; days: number; zh: string; en: string; source: string; status: string }
export interface Team { id: string; name: string; rate: number; district: string; begins: string; busy: boolean; simulated: boolean }
export interface Work {
  target: { key: string; label: { zh: string; en: string }; target: number; operator: string; date: string; formula: { zh: string; en: string }; edition: string; status: string };
  date: string; past: boolean; empty: boolean; asked: boolean; lead: number; left: number; short: number; districts: Row[]; teams: Team[]; steps: Step[];
}
export interface Own { name: string; columns: string[]; choices: Record<string, string[]>; given: Record<string, unknown>[]; own: Record<string, string>[]; may: boolean; history: { at: string; by: string; reason: string; rows: number }[] }
export interface Goal { date: string; target: number; own: { zh: string; en: string; source: string } | null }
export interface Season { key: string; zh: string; en: string; work: string; begins: string; ends: string; share: number; source: string; status: string }
export interface Plan {
  day: string; known: string; works: Record<string, Work>; simulated: boolean;
  calendar: { last: string; days: { date: string; kind: string; status: string }[]; unpublished: number[]; seasons: Season[]; working: number; all: number };
}

const DAY = 86_400_000; // [ms]
const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
export const plus = (day: string, days: number): string => new Date(at(day) + days * DAY).toISOString().slice(0, 10);

/** The time between two days, as per cent of a picture's width. */
export class Axis {
  constructor(readonly first: string, readonly last: string) {}
  /** Where a day begins; its end is where the next one begins. */
  x(day: string): number {
    return Math.min(100, Math.max(0, ((at(day) - at(this.first)) / (at(plus(this.last, 1)) - at(this.first))) * 100));
  }
  /** Left end and width of the days from one to another. */
  bar(begins: string, ends: string): string {
    const left = this.x(begins);
    return `left:${left}%;width:${Math.max(0.3, this.x(plus(ends, 1)) - left)}%`;
  }
  /** The first days of months that fit as words, at most so many. */
  months(most: number): string[] {
    const found: string[] = [];
    let [year, month] = [Number(this.first.slice(0, 4)), Number(this.first.slice(5, 7))];
    for (;;) {
      [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
      const day = `${year}-${String(month).padStart(2, "0")}-01`;
      if (day > this.last) break;
      found.push(day);
    }
    const step = [1, 2, 3, 6, 12].find((one) => found.length / one <= most) ?? 24;
    return found.filter((day) => (Number(day.slice(5, 7)) - 1) % Math.min(step, 12) === 0);
  }
  /** The spans of a season that lie in the picture. */
  spans(begins: string, ends: string): [string, string][] {
    const found: [string, string][] = [];
    for (let year = Number(this.first.slice(0, 4)) - 1; year <= Number(this.last.slice(0, 4)); year += 1) {
      const from = `${year}-${begins}`;
      const until = `${begins <= ends ? year : year + 1}-${ends}`;
      if (until >= this.first && from <= this.last) found.push([from < this.first ? this.first : from, until > this.last ? this.last : until]);
    }
    return found;
  }
}

/** How a district stands against the date. */
export function standing(row: Row): string {
  if (row.short > 0) return "late";
  return row.slack !== null && row.slack < 20 ? "at_risk" : "on_time";
}

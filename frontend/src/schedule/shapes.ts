// What the service tells of a schedule, and where a day lies in its picture.
import { place } from "../state/place.svelte";
import { counted, fine } from "../numbers/figures";
import { has, say } from "../state/texts.svelte";

export interface Named { zh: string; en: string }
export interface Task { step: string; begins: string; ends: string; days: number; latest: string; spare: number; after: string[]; critical: boolean }
export interface Lot {
  id: string; name: Named; trade: string; ground: string; pool: string; crew: string; window: string; district: string; let: boolean; days: number; length: number; cost: number;
  count: number; assets: string[]; due: string; begins: string; ends: string; late: number; spare: number; state: string; why: string; critical: boolean; closed: [string, string][];
  tasks: Task[]; months: Record<string, [number, number]>;
}
export interface Chain {
  due: string; ends: string; state: string; needed: number; spare: number; hidden: number;
  links: { lot: string; step: string; waits: string }[]; feeding: { lot: string; steps: string[]; needed: number; spare: number }[];
}
export interface Reach { rule: string; scope: string; by: string; demanded: number; reached: number | null; promised: number | null; short: number; kept: boolean }
export interface Step extends Named { step: string; after: string[]; ground: string; days: number; spread: number; source: string; status: string }
export interface Trade extends Named { trade: string; methods: string[]; ground: string; crews: number; lot_days: number; source: string; status: string }
export interface Season extends Named { key: string; work: string; begins: string; ends: string; share: number; source: string; status: string }
export interface Schedule {
  day: string; first: string; last: string; programme: { id: string; at: string; status: string }; windows: string[]; simulated: boolean; may: boolean;
  lots: Lot[]; done: { count: number; length: number }; chains: Chain[]; reach: Reach[]; plants: Record<string, string>; districts: Record<string, string>;
  proof: { late: number; least: number; ends: string; least_ends: string };
  pools: { pool: string; crews: number; ground: string; wanted: number | null }[];
  delays: { lot: string; step: string; until: string; reason: string; at: string; by: string; there: boolean }[];
  assumed: { methods: string[]; published: number[] };
  teams: { count: number; m_per_day: number; crews: number };
  tables: { steps: Step[]; trades: Trade[]; closures: { road: string; since: string; until: string }[]; seasons: Season[] };
  calendar: { days: { date: string; kind: string; source: string; status: string }[]; unpublished: number[]; working: number };
}
export interface Standing { lots: number; days: number; ends: string }
export interface Slip {
  lot: string; step: string; days: number; until: string; absorbed: boolean; others: number;
  moved: { lot: string; before: string; after: string; days: number; due: string; late: number; was_late: number; why: string }[];
  reach: { before: Reach; after: Reach }[]; missed: Reach[]; late: [Standing, Standing, Standing];
}

const DAY = 86_400_000; // [ms]
const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
export const plus = (day: string, days: number): string => new Date(at(day) + days * DAY).toISOString().slice(0, 10);
export const between = (one: string, other: string): number => Math.round((at(other) - at(one)) / DAY);

export type Zoom = "year" | "quarter" | "month";
export const ZOOMS: Zoom[] = ["year", "quarter", "month"];
const SIZE: Record<Zoom, number> = { year: 0, quarter: 2.2, month: 8 }; // [px/day]; a year is as wide as there is room

/** The days of a picture, in pixels. */
export class Axis {
  readonly size: number; // [px/day]
  constructor(readonly first: string, readonly last: string, readonly zoom: Zoom, room: number) {
    this.size = Math.max(SIZE[zoom], room / this.days, 0.2);
  }
  get days(): number {
    return between(this.first, this.last) + 1;
  }
  get width(): number {
    return this.days * this.size;
  }
  x(day: string): number {
    return Math.min(this.width, Math.max(0, between(this.first, day) * this.size));
  }
  /** Left end and width of the days from one to another, both within. */
  span(begins: string, ends: string): { left: number; width: number } {
    const left = this.x(begins);
    return { left, width: Math.max(2, this.x(plus(ends, 1)) - left) };
  }
  style(begins: string, ends: string): string {
    const { left, width } = this.span(begins, ends);
    return `left:${left}px;width:${width}px`;
  }
  /** The first days of years, quarters or months, those that fit as words. */
  marks(): { day: string; x: number; label: string; strong: boolean }[] {
    const months = this.size * 30 > 40 ? 1 : this.size * 91 > 34 ? 3 : 12;
    const found = [];
    for (let year = Number(this.first.slice(0, 4)), month = Number(this.first.slice(5, 7)); ; month += 1) {
      if (month > 12) [year, month] = [year + 1, 1];
      const day = `${year}-${String(month).padStart(2, "0")}-01`;
      if (day > this.last) break;
      if (day < this.first || (month - 1) % months) continue;
      const label = month === 1 ? String(year) : months === 3 ? `Q${(month + 2) / 3}` : day.slice(5, 7);
      found.push({ day, x: this.x(day), label, strong: month === 1 });
    }
    return found;
  }
  /** The spans of a yearly season that lie in the picture. */
  seasons(begins: string, ends: string): [string, string][] {
    const found: [string, string][] = [];
    for (let year = Number(this.first.slice(0, 4)) - 1; year <= Number(this.last.slice(0, 4)); year += 1) {
      const from = `${year}-${begins}`;
      const until = `${begins <= ends ? year : year + 1}-${ends}`;
      if (until >= this.first && from <= this.last) found.push([from < this.first ? this.first : from, until > this.last ? this.last : until]);
    }
    return found;
  }
}

export const lotName = (told: Schedule, id: string): string => told.lots.find((lot) => lot.id === id)?.name[place.lang] ?? id;
export const stepName = (told: Schedule, step: string): string => told.tables.steps.find((one) => one.step === step)?.[place.lang] ?? step;
export const tradeName = (told: Schedule, pool: string): string => (pool.startsWith("@") ? pool.slice(1) : (told.tables.trades.find((one) => one.trade === pool)?.[place.lang] ?? pool));
export const worksOf = (lot: Lot): Task => lot.tasks.find((task) => task.step === "works")!;

/** How a crew is called: the contractor, else its trade and number. */
export function crewName(told: Schedule, crew: string): string {
  const cut = crew.lastIndexOf("-");
  const pool = crew.slice(0, cut);
  return pool.startsWith("@") ? pool.slice(1) : say("schedule.crew", { trade: tradeName(told, pool), number: crew.slice(cut + 1) });
}

/** Whether a step stands before the works, is them, or comes after. */
export function side(lot: Lot, step: string): "before" | "works" | "after" {
  if (step === "works") return "works";
  const place_ = lot.tasks.findIndex((task) => task.step === step);
  const works = lot.tasks.findIndex((task) => task.step === "works");
  return place_ > works && lot.tasks[place_]!.begins >= worksOf(lot).begins ? "after" : "before";
}

/** The part of the year, quarter or month that a month lies in. */
export function period(month: string, zoom: Zoom): string {
  if (zoom === "year") return month.slice(0, 4);
  return zoom === "month" ? month : `${month.slice(0, 4)} Q${Math.ceil(Number(month.slice(5, 7)) / 3)}`;
}

/** Days: whole ones as they are, parts with one digit. */
export const daysText = (value: number): string => (Number.isInteger(value) ? counted(value) : fine(value, 1));

export function why(lot: { late: number; why: string }): string {
  const cause = has(`schedule.why.${lot.why}`) ? say(`schedule.why.${lot.why}`) : lot.why;
  return lot.late > 0 ? say("page.schedule.why_late", { days: lot.late, why: cause }) : "";
}

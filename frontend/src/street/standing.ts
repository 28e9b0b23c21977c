// Where an order stands for who is in the street: as it was taken along, and what was reported since on this device.
import { metres } from "./ground";
import type { Bundle, Entry, Order, Report, Step } from "./shapes";

const WORK = ["accept", "start", "progress", "done", "note"]; // steps of a crew
export interface Standing { state: string; steps: string[]; reports: Entry[]; draft: boolean; unsent: number }

/** A word of a table where it begins a line. */
export const begin = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const reportOf = (entry: Entry): Report => entry.body as unknown as Report;

export function standing(order: Order, bundle: Bundle, entries: Entry[]): Standing {
  const own = entries.filter((one) => one.order === order.id);
  const reports = own.filter((one) => one.kind === "report" && one.state !== "draft" && (one.state === "ready" || one.answered_at > bundle.taken_at));
  const steps = bundle.tables.steps;
  let state = order.state;
  for (const one of reports) {
    const step = steps[reportOf(one).step];
    if (one.state === "refused" || one.state === "waits" || !step?.from?.includes(state)) continue;
    if (step.to && step.to !== "=") state = step.to;
  }
  const mine = order.steps.some((step) => WORK.includes(step));
  const open = Object.entries(steps).filter(([name, step]: [string, Step]) => WORK.includes(name) && step.from?.includes(state)).map(([name]) => name);
  return { state, steps: reports.length ? (mine ? open : []) : order.steps.filter((step) => WORK.includes(step)), reports, draft: own.some((one) => one.state === "draft"), unsent: own.filter((one) => one.state === "ready" || one.state === "refused").length };
}

/** What a report lacks before the step may be taken. */
export function lacking(step: string, order: Order, bundle: Bundle, before: Entry[], now: Entry): string[] {
  const kind = bundle.tables.kinds[order.kind];
  const all = [...before, now];
  const answers = Object.assign({}, ...(order.events ?? []).map((one) => one.answers), ...all.map((one) => reportOf(one).answers)) as Record<string, string>;
  const photo = (role: "before" | "after"): boolean => (order.events ?? []).some((one) => one[role].length > 0) || all.some((one) => one.files.some((file) => file.role === role));
  const brought: Record<string, boolean> = {
    note: Boolean(reportOf(now).note.trim()),
    hours: order.hours + all.reduce((sum, one) => sum + reportOf(one).hours, 0) > 0,
    checklist: (kind?.checklist ?? []).every((row) => Boolean(answers[row.item])),
    photos: !kind?.photos || (photo("before") && photo("after")),
  };
  return (bundle.tables.steps[step]?.needs ?? []).filter((need) => brought[need] === false);
}

/** The nearest end of what an order names. [m] */
export function away(order: Order, bundle: Bundle, from: [number, number] | null): number | null {
  if (!from) return null;
  const wanted = new Set(order.assets);
  const found = bundle.assets.filter((one) => wanted.has(one.id)).flatMap((one) => one.coordinates.map((at) => metres(from, at)));
  return found.length ? Math.min(...found) : null;
}

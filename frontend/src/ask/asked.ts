// The questions to the network: their paths, and what the service answers (SI).
import { under } from "../api/client";
import type { Where } from "../state/place.svelte";

export interface End { type: string; id: string; name: string | null; length_m: number; time_s: number; low_s: number; high_s: number }
export interface Behind { nodes: number; sources: number; people: number; sewage_m3_s: number }
export interface Link { type: string; id: string; from: string | null; to: string | null; height_m: number | null; plant: string | null }
export interface Method { velocity: number | null; notes: string[] }
export interface User {
  id: string; name: string | null; trade: string | null; key_user: boolean | null; sewage_m3_s: number; people: number;
  distance_m: number; time_s: number; low_s: number; high_s: number;
}
interface Drawn { geometry: GeoJSON.Geometry | null }
export interface PlantAnswer extends Drawn { plant: End | null; end: { type: string; id: string; name: string | null } | null; others: End[]; method: Method }
export interface SourcesAnswer extends Drawn {
  rows: User[]; method: Method; totals: { sources: number; key_users: number; sewage_m3_s: number; people: number };
  trades: { trade: string | null; sources: number; sewage_m3_s: number }[];
}
export interface ShutAnswer extends Drawn {
  lost: Behind; spared: Behind; without: Behind; ways_out: Link[];
  detours: { type: string; id: string; from: string; distance_m: number; plant: string }[];
}
export interface Stop { type: string; id: string; name: string; distance: number; ground: number | null; invert: number | null }
export interface Stretch { id: string; type: string; start: number; end: number; from_invert: number | null; to_invert: number | null; height: number | null; slope: number | null; adverse: boolean }
export interface ProfileAnswer extends Drawn {
  length_m: number; turned: boolean; svg: string; stops: Stop[]; stretches: Stretch[];
  waters: { asset: string; distance: number; level: number; at: string }[];
  marks: { link: string; distance: number; code: string; level: number; at: string }[];
  defect_names: Record<string, { zh: string; en: string }>;
  frame: { width: number; left: number; right: number; length: number }; at: ([number, number] | null)[];
}
export interface PathAnswer extends Drawn {
  from: string; to: string; turned: boolean; which: "shortest" | "all"; shortest_m: number; time_s: number; low_s: number; high_s: number; length_m: number;
  nodes: string[]; links: string[]; count: { nodes: number; links: number }; reaches: { type: string; id: string; name: string | null }[]; method: Method;
}
export interface Crossing { type: string; id: string; from: string | null; to: string | null; system: string | null; height_m: number | null; above: Behind }
export interface IsolateAnswer extends Drawn {
  into: Crossing[]; out_of: Crossing[]; plants: { id: string; nodes: number }[];
  inside: { nodes: number; links: number; length_m: number; sources: number; people: number; sewage_m3_s: number };
}
export type Asked = PlantAnswer | SourcesAnswer | ShutAnswer | ProfileAnswer | PathAnswer | IsolateAnswer;

/** Does the question go from one asset to another? */
export const twoEnded = (ask: Where["ask"]): boolean => ask === "profile" || ask === "path";

/** The path of the question that the address asks, or null while it is not whole. */
export function questionPath(where: Where): string | null {
  if (where.screen !== "map" || !where.ask || !where.start) return null;
  const as_of = where.date;
  if (where.ask === "isolate") return under(where.city, "network/isolate", { zone: where.start, as_of });
  if (!twoEnded(where.ask)) return under(where.city, `network/${where.ask}`, { id: where.start, as_of });
  return where.end ? under(where.city, `network/${where.ask}`, { start: where.start, end: where.end, which: where.ask === "path" ? where.ways : undefined, as_of }) : null;
}

export const NOWHERE: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

/** One round mark on the map. */
export function spot(at: [number, number] | null, colour: string): GeoJSON.FeatureCollection {
  if (!at) return NOWHERE;
  return {
    type: "FeatureCollection",
    features: [{ type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { radius: 8, colour, opacity: 0.9, label: "" } }],
  };
}

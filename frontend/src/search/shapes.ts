// What the service tells of searches for a source.
export interface SearchRow { id: string; what: string; start: string; at: string; by: string; closed: boolean; samples: number; found: number; simulated: boolean }
export interface SearchList { rows: SearchRow[]; may_start: boolean; simulated: boolean }

export interface SearchEvent {
  id: string; step: "reading" | "undo" | "found" | "stopped" | "close"; at: string; by: string; asset: string; answer: "" | "seen" | "unseen";
  value: number | null; of: string; note: string; undone: boolean; at_place: [number, number] | null;
}

export interface NextManhole { asset: string; at: [number, number] | null; above: number; bits: number; minutes: number; if_seen_m: number; if_unseen_m: number }

export interface SearchDetail {
  id: string; start: string; what: string; hit: number; false: number; tracer: number[]; unit: string; others: number; radius: number; sure: number; crews: number;
  state: "on" | "near" | "none" | "closed"; may_work: boolean; events: SearchEvent[]; next: NextManhole[]; nowhere: number; simulated: boolean;
  region: { length_m: number; pipes: number; drawn: number; lines: GeoJSON.FeatureCollection };
  reach: { asset: string; at: [number, number] | null; share: number };
  premises: { id: string; name: string }[];
}

export const nameOf = (asset: string): string => asset.split("/").slice(1).join("/");

// What the service answers about rain: areas, meters, events, the course of one event.
export interface Part { value: number; low: number; high: number } // share of the rain on the ground
export interface RainArea {
  id: string; type: string; name: string; district: string; at: [number, number] | null; outline: GeoJSON.MultiPolygon | null;
  ground_ha: number; length_km: number; fast: Part; slow: Part; total: Part; m3_per_year: number; data_share: number;
  events: [string, number, number, number][]; // since, R, 5 %, 95 %
}
export interface Compared { about: string; verdict: "more" | "less" | "same" | "unknown"; ratio: number | null; low: number | null; high: number | null; here: number; there: number }
export interface RainMeter {
  id: string; type: string; name: string; district: string; at: [number, number] | null; ground_ha: number; fast: Part; slow: Part; memory: Part; lag_h: number;
  triangles: { r: number; sd: number; t: number; k: number }[]; skill: number; triangles_skill: number; better: "memories" | "triangles";
  compared: Compared[]; usable: number; gauge_km: number | null; notes: string[];
}
export interface CityEvent { since: string; until: string; depth_mm: number; peak_mm_h: number; seen: number; meters: number; r: number | null; volume_m3: number | null; left_out: string; flags: string[] }
export interface Rainfall {
  at: string; by: string; since: string; until: string; basis: string; areas: RainArea[]; meters: RainMeter[]; events: CityEvent[];
  issues: { code: string; weight: string; asset: string; facts: Record<string, string | number> }[]; simulated: boolean;
}
export interface MeterEvent { since: string; until: string; end: string; depth_mm: number; peak_mm_h: number; volume_m3: number | null; low: number | null; high: number | null; foretold_m3: number; peak_m3_d: number | null; left_out: string; flags: string[] }
export interface RainCourse extends RainMeter {
  event: MeterEvent | null; events: MeterEvent[];
  chart: { times: string[]; rain_mm_h: (number | null)[]; flow: (number | null)[]; dry: (number | null)[]; model: (number | null)[] };
}

export const KINDS = ["total", "fast", "slow"] as const;
export type Kind = (typeof KINDS)[number];
export const STEPS = [0.01, 0.03, 0.06, 0.12] as const; // R at which the colour changes
export const PRIOR = 0.3; // data share below which an area mostly shows its prior

/** The colour of a share of the rain. */
export function shade(r: number): string {
  return `--ramp-${STEPS.filter((step) => r >= step).length + 1}`;
}

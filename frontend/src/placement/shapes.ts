// What the service tells of the places of meters.
export interface MeterPick {
  rank: number; asset: string; at: [number, number] | null; taken: number; left: number; bound: number; cost_yuan: number; above_m: number;
  flow_m3_per_d: number; flow_sd_m3_per_d: number; unit_outlet: string; unit_m: number; unit_sd_before_m3_per_d: number; unit_sd_after_m3_per_d: number;
}

export interface Placement {
  at: string; by: string; simulated: boolean; wanted: { meters: number; budget: number; stake: string; unit: number; error: number; sites: boolean };
  standing: number; sites: number; sites_left_out: number; unknown_sites: string[]; units: number; picks: MeterPick[]; hidden: number;
  left: number; gap: number; cost_yuan: number; swaps: number;
}

export interface PlacementAnswer { may_place: boolean; most: number; stakes: string[]; found: Placement | null; standing: { id: string; at: [number, number] }[] }

export const nameOf = (asset: string): string => asset.split("/").slice(1).join("/");

// What the service tells of a discharge that sensors saw.
export interface TraceSensor { meter: string; quantity: string; peak: number; saw: boolean; used: boolean; at: [number, number] | null }
export interface TraceUser { id: string; name: string; trade: string; permit_no: string; needs_permit: boolean; times: number }
export interface TracePlace { asset: string; at: [number, number] | null; share: number; began: string; users: TraceUser[]; saw: string[]; blind: string[] }
export interface Trace {
  since: string; until: string; step_s: number; share: number; sensors: TraceSensor[]; quantities: string[]; evidence: number; seen: boolean;
  celerity_factor: number; region_m: number; pipes: number; lines: GeoJSON.FeatureCollection; places: TracePlace[];
  next: { asset: string; at: [number, number] | null; above: number; bits: number }[]; simulated: boolean;
}

export const nameOf = (asset: string): string => asset.split("/").slice(1).join("/");

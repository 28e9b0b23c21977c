// What the service says of packages, of places in them, and of methods there.
export interface MethodAt {
  method: string; zh: string; en: string; reason: string; fits: boolean; facts: Record<string, string | number>;
  units?: number; price_per?: string; cost?: number; mobilisation?: number; clean_m3_per_d?: number; sewage_m3_per_d?: number;
  crew_days?: number; closure_days?: number; lanes?: number; life?: number;
}
export interface Place {
  asset_type: string; asset: string; kind: string; package: string; members: string[]; length_m: number; problem: boolean; must: boolean;
  clean_m3_per_d: number; missing_m3_per_d: number; stays: number | null; chosen: { method: string; window: string } | null; methods: MethodAt[];
}
export interface Whole { option: string; method: string; zh: string; en: string; cost: number; crew_days: number; clean_m3_per_d: number; sewage_m3_per_d: number; parts: number; others: number; chosen: boolean }
export interface PackageOptions { package: string; places: Place[]; hidden: number; options: Whole[]; edition: string }
export interface AssetOptions { places: Place[]; edition: string }
export interface Package {
  id: string; by_hand: boolean; kind: string; asset_type: string; members: string[]; roads: string[]; district: string; plant: string;
  length_m: number; problem_m: number; clean_m3_per_d: number; cost_from: number | null; window: string; method: string;
}
export interface Packages {
  rows: Package[]; by_hand: number; steps: { id: string; at: string; by: string; reason: string }[]; longest_m: number;
  methods: Record<string, { zh: string; en: string }>; may: boolean; simulated: boolean;
}
export interface Note { note: string; [fact: string]: string | number }

// What the service answers: SI values unless a border unit stands beside them.

export interface Words { zh: string; en: string }
export interface Interval { value: number; low: number | null; high: number | null }

export interface City {
  code: string; name: Words; crs: string; simulated: boolean; version: number | string;
  bounds: [number, number, number, number] | null; today: string;
}

export interface Field { name: string; kind: string; unit: string | null; border: string; label: Words; codes: string | null }
export interface AssetType { name: string; role: string; geometry: string; chain: string; icon: string; label: Words; fields: Field[] }
export interface Schema {
  types: AssetType[];
  codes: Record<string, Record<string, Words>>;
  quantities: { name: string; label: Words; unit: string; border_unit: string; factor: number }[];
}

export interface District { id: string; name: string }
export interface Scope { district: string; body: string; there: boolean }

export interface Summary {
  counts: Record<string, number>; length_m: Record<string, number>; crs: string; simulated: boolean;
  version: number | string; districts: District[]; as_of: string | null;
  bare: string[]; // districts without any pipe
  nothing: Scope[]; // where somebody may look who sees no asset at all
}

export type TargetState = "on_time" | "at_risk" | "late" | "reached" | "unknown";
export interface Provenance {
  formula: Words; edition: string; status: string; numerator: number | null; denominator: number | null;
  unit: string; count: number; rows: { type: string; id: string; part: number; whole: number }[]; // the largest rows; count is of all
}
export interface Target {
  stage?: string; // of the programme: its pipes and proofs stand under works
  key: string; label: Words; unit: string; today: number | null; by_count?: number | null; target: number; date: string;
  pace: number | null; pace_needed: number | null; forecast: { low: number; mid: number; high: number } | null; state: TargetState;
  operator: string; districts: { id: string; name: string; today: number | null; by_count?: number | null; state: TargetState }[]; from: Provenance | null;
}
export interface PlantRow {
  id: string; name: string; district: string | null; capacity: number | null; flow: number | null;
  bod5: number | null; bod5_low: number | null; bod5_high: number | null; threshold: number | null; meets: boolean | null;
}
export interface Change { number: number; at: string; who: string; why: string; counts: Record<string, number>; named: Record<string, Words> }
export interface ProgrammeChance {
  programme: string; cost: number; chance: number; span: [number, number]; draws: number; likely: boolean; at: string; worked_out: boolean;
  surer: { id: string; cost: number; chance: number; span: [number, number]; probability: number } | null;
}
export interface Cockpit { targets: Target[]; plants: PlantRow[]; alarms: unknown[]; changes: Change[]; programme: ProgrammeChance | null; simulated: boolean }

export interface Finding {
  method: string; method_name?: Words; quantity: string; value: number | null; low: number | null; high: number | null; unit: string;
  border: { value: number | null; low: number | null; high: number | null; unit: string } | null;
  inputs: string[]; notes: string[];
}
export interface Issue { code: string; weight: string; facts: Record<string, string | number> }
export interface Defect {
  code: string; name: Words; level: number; start: number | null; length: number | null; clock: string | null; remark: string | null;
}
export interface Measure {
  option: string; package: string; asset_type: string; asset: string; method: string; method_name: Words; window: string;
  cost: number; length: number; district: string; plant: string; flow_removed: number; load_gained: number; reasons: string[];
}
export interface Grade {
  structural_grade: number; functional_grade: number; repair_grade: number; upkeep_grade: number; RI: number | null; MI: number | null;
  structural_density: number | null; functional_density: number | null; standard: string; edition: string; unconfirmed: string[];
}
export interface Asset {
  type: string; id: string; label: Words; name?: string | null; state?: string | null; geometry: GeoJSON.Geometry | null;
  fields: {
    name: string; label: Words; value: unknown; unit: string | null;
    border: { value: number; unit: string } | null; code_label: Words | null;
  }[];
  extra: Record<string, unknown>; issues?: Issue[]; grade?: Grade | null; defects?: Defect[]; findings: Finding[];
  inspection?: { id: string; date: string; method: string; length: number | null } | null;
  posterior?: { groundwater: Interval; river: Interval; lost: Interval; data_share: number | null } | null;
  measures: { window: string; method: string; method_name?: Words; cost: number; package: string; reasons: string[] }[];
  history: { valid_from: string | null; valid_to: string | null; who: string; why: string }[];
}
export interface Trace {
  nodes: string[]; links: string[]; length_m: number; count: { nodes: number; links: number };
  reaches: { type: string; id: string; name: string | null }[]; geometry: GeoJSON.Geometry | null;
}
export interface Hit { type: string; id: string; name: string | null; label: Words; at: [number, number] | null }

export interface MeterRow {
  id: string; type: string; name: string; on_id: string; district: string; at: [number, number] | null; contradicts: boolean; held: Record<"zh" | "en", { says: string; remedy: string }>[]; methods: Finding[];
}
export interface MethodCard { name: Words; asks: Words; trust: Words; formula: string; source: string }
export interface Diagnosis {
  meters: MeterRow[]; plants: { id: string; name: string; bod5: number | null; threshold: number; meets: boolean | null }[]; // mg/L
  cards: Record<string, MethodCard>; identifiability: string[]; // message keys
  simulated: boolean;
}
export interface AreaWater { value: number; low: number | null; high: number | null; data_share: number | null } // m³/d
export interface AreaFit { bias: number | null; low: number | null; high: number | null; misfit: number; trusted: number | null; contradicts: boolean }
export interface AreaRow {
  id: string; type: string; name: string; district: string; on_id: string; at: [number, number] | null; conduits: number; length: number; // km
  waters: Record<string, AreaWater | null>; meter: AreaFit | null; since: string; until: string;
}
export interface Areas { waters: string[]; areas: AreaRow[]; outside: { conduits: number; length: number }; series: AreaSeries[]; tables: string[]; identifiability: string[]; simulated: boolean }
export interface AreaSeries { id: string; type: string; quantity: string }
export interface MeterChart {
  days: string[]; flow: (number | null)[]; dry: boolean[]; minimum: (number | null)[]; rain: (number | null)[];
  extraneous: Record<string, [number | null, number | null, number | null]>; // low, value, high [m³/d]
}
export interface MeterDetail {
  id: string; type: string; name: string; methods: Finding[]; others: Finding[]; chart: MeterChart; notes: string[]; // notes are message keys
  issues: { code: string; weight: string; facts: Record<string, string | number>; told: Record<"zh" | "en", { says: string; remedy: string }> }[];
}
export interface Step { key: string; label?: string; value: number; low: number | null; high: number | null }
export interface NextFacts {
  expected: number; length: number; block_outlet: string; block_sd_before: number; block_sd_after: number; // SI
}
export interface PlantDetail {
  id: string; name: string; waterfall: Step[];
  areas: { id: string; type: string; name: string; extraneous: Interval; at: [number, number] | null }[]; // m³/s
  next: { id: string; type: string; at: [number, number] | null; gain: number; facts: NextFacts }[];
  verdict: { keys: string[]; facts: Record<string, number | string>; sealed: [number | null, number | null, number | null] } | null; // mg/L
  series: { days: string[]; bod5: (number | null)[]; flow: (number | null)[] } | null;
}

export interface Plan {
  id: string; status: string; cost: number; bound: number; gap: number; seconds: number; windows: string[];
  years: { window: string; cost: number; length_m: number; count: number; by_method: Record<string, number> }[];
  outlook: { plant: string; name: string; window: string; concentration: number; threshold: number; meets: boolean }[];
  measures: Measure[]; rules: Record<string, unknown>; catalogue: string; catalogue_status: string; simulated: boolean; may_replan: boolean;
  chance: ProgrammeChance | null;
}
export interface Document { name: string; media: string; size: number; at: string }

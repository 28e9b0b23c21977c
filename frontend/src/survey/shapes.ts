// What the service says of deliveries, jobs and the queue.
import type { Box } from "../map/WenquMap.svelte";
import type { Words } from "../api/shapes";

export interface ColumnMap { column: string; unit?: string; codes?: Record<string, string> }
export interface Lying { west: number; south: number; east: number; north: number; crs: string; place: Words; place_at: [number, number]; distance: number; grid: Record<string, unknown> | null; disagree: Disagreeing[] }
export interface Disagreeing { file: string; named: string; east: number; north: number; place: Words; place_at: [number, number]; distance: number; apart: number | null } // a file names another system than a person
export interface Placing { crs_of: Record<string, string>; grid: Record<string, unknown> | null; overrule: string[] }
export interface LayerMap { type: string; id: string; schema?: string; fields: Record<string, ColumnMap>; extra?: Record<string, string>; places?: Record<string, string>; axes?: string }
export interface FieldMap { layers: Record<string, LayerMap> }
export interface RawLayer { name: string; rows: number; kinds: string[]; columns: { name: string; values: unknown[] }[] }
export interface Candidate { crs: string; west: number; south: number; east: number; north: number; place: Words; place_at: [number, number]; distance: number; says: string }
export interface DeliveredFile {
  name: string; format: string; encoding: string; declared?: string; encodings?: { name: string; other: string; shown: string[]; offered: string[] } | null; remembered?: boolean; alike?: { layer: string; file: string; date: string }[]; trouble?: string | null;
  crs: { named: string; wrong?: string; several: string[]; candidates: Candidate[]; extent?: number[] | null };
  fieldmap?: FieldMap; layers: RawLayer[]; holds?: Record<string, number>; // of a model: assets by type
  assumed?: { layer: string; column: string; unit: string }[];
  schemas?: (Words & { name: string; status: string })[];
}
export interface RuleCount { rule: string; weight: string; count: number; name: string }
export interface TypeSummary {
  good: number; read: number; new: number; changed: number; same: number; gone: number; gone_ids: string[];
  fields: Record<string, number>; examples: { id: string; fields: Record<string, [unknown, unknown]> }[];
}
export interface CheckSummary {
  city: string; crs: string; survey: string; known: boolean; redelivery: boolean; types: Record<string, TypeSummary>;
  mended: RuleCount[]; queued: RuleCount[]; flagged: RuleCount[]; bounds: Box; points: GeoJSON.FeatureCollection; outline?: GeoJSON.FeatureCollection;
  mended_rows: { type: string; asset: string; says: string }[]; notes: { says: string; remedy: string; weight: string; file: string; sheet: string; row: number | null; type: string; asset: string }[];
}
export interface Delivery {
  id: string; city: string; who: string; at: string; files: string[]; size: number; state: "received" | "checked" | "accepted";
  answers: { crs?: string; crs_of?: Record<string, string>; encoding_of?: Record<string, string>; firm?: string; survey?: string; fieldmaps?: Record<string, FieldMap> };
  summary: CheckSummary | null; result: { number: number; waiting: number; doubts: number; mended: number } | null;
}
export interface Job {
  id: string; kind: string; city: string; state: "running" | "done" | "failed" | "cancelled" | "interrupted"; share: number; doing: string; said: string; subject: string; began: string;
}
export interface Preview { fields: string[]; rows: { row: number; id: string | null; values: Record<string, unknown> }[]; issues: { says: string; row: number | null }[] }
export interface QueueRow {
  id: number; rule: string; name: string; why: string; weight: string; inside: boolean; type: string; asset: string; file: string; sheet: string; row: number | null;
  at: [number, number] | null; says: string; remedy: string; about: string[]; proposals: { key: string; name: string; says: string; sure: string; confirms: boolean }[]; raw: Record<string, unknown>;
}
export interface QueuePage { kinds: { rule: string; weight: string; count: number; outside: number; name: string }[]; ways: { key: string; says: string }[]; count: number; rows: QueueRow[] }
export interface RuleSheet { code: string; weight: string; class: string; otherwise: string; confirmable: boolean; bounds: { name: string; value: number; unit: string; label: Words }[] }
export interface Drawing { before: GeoJSON.FeatureCollection; after: GeoJSON.FeatureCollection }

// What a device takes along and what it writes: the shapes of issue 4 §6.
import type { Words } from "../api/shapes";
import type { OrderEvent, OrderRow, OrderTables } from "../operation/orders";
import type { Entry as Row, Value } from "../registers/shapes";

export type Step = Words & { needs: string[]; from?: string[]; to?: string };
export interface Order extends OrderRow { steps: string[]; events?: OrderEvent[] }
export interface Asset {
  id: string; type: string; water: string; diameter_mm: number | null; coordinates: [number, number][]; revision: number;
  start?: string; end?: string; fields: Record<string, Value>;
}
export interface Code extends Words { code: string; family?: string; levels: number[] }
export interface Named extends Words { name: string }
export interface Forms {
  inspection: { methods: Named[]; codes: Code[]; manhole_codes?: Code[]; outfall_codes?: (Code & { dry: boolean })[]; weathers?: (Named & { wet: boolean })[]; standard?: string };
  asset: Record<string, Row[]>;
  findings: (Named & { at?: string[] })[]; // asset types that can have it; none: any
}
export interface Bundle {
  city: string; made_at: string; revision: number; simulated: boolean; person: string; orders: Order[]; assets: Asset[]; cut?: boolean;
  tables: OrderTables & { steps: Record<string, Step> }; forms: Forms; limits: { file_bytes: number };
  taken_at: string; size: number; name: Words; around: string; // what the device adds
}

export type Kind = "report" | "inspection" | "edit" | "note";
/** Written on the device: draft → ready → what the office's machine said of it. */
export type State = "draft" | "ready" | "entered" | "already" | "conflict" | "waits" | "refused";
export type Role = "before" | "after" | "picture" | "voice";
export interface FileNote { sha256: string; name: string; media_type: string; bytes: number; role: Role }
export interface Apart { name: string; label?: Words; yours: Value; theirs: Value; base: Value; theirs_by: string; theirs_at: string }
export interface Conflict { id: string; fields: Apart[] }
export interface Entry {
  id: string; city: string; kind: Kind; order: string; asset: string; base: number; written_at: string; place: number[]; files: FileNote[];
  body: Record<string, unknown>;
  state: State; begun_at: string; tried: boolean; answered_at: string; problems: string[]; conflict: Conflict | null; // the device's own
}
export interface Told { id: string; state: State; problems: string[]; conflict: Conflict | null; missing_files: string[] }
export interface Sent { id: string; kind: Kind; state: State; problems: string[]; conflict: Conflict | null; order: string; asset: string; written_at: string }
export interface Dispute { id: string; entry: string; asset: string; by: string; written_at: string; fields: Apart[]; pictures: string[]; may_decide: boolean }

export interface Report { step: string; note: string; hours: number; quantities: Record<string, number>; answers: Record<string, string> }
export interface Defect { code: string; level: number; at_m: number | null; to_m: number | null; clock: string; note: string; picture: string }
export interface Inspection { method: string; inspected_on: string; start: string; end: string; direction: string; length_m: number | null; defects: Defect[]; weather?: string }
export interface Note { text: string; kind: string }

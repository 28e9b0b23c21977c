// What the service tells of projects, their pipes and proofs.
import type { DatedProof } from "./figures";

export interface Part { count: number; length: number }
export interface ProjectRow { id: string; name: string; district: string; begins: string; ends: string; simulated: boolean; lots: number; contractor: string; whole: Part; built: Part; accepted: Part; lapsed: number }
export interface Projects { day: string; known: string; rows: ProjectRow[]; count: number; listed: number }
export interface Party { role: string; body: string; person: string; paper: string }
export interface Check { key: string; state: "met" | "lacks" | "not_asked"; rule: string; status: string; proofs: DatedProof[]; lacks: string[] }
export interface Accepted { id: string; date: string; filed: string; by: string; stands: boolean; until: string; says: string }
export interface Line { id: string; parts: [number, number][][] }
export interface FileLines { crs: string; swapped: boolean; count: number; lines: { name: string; parts: [number, number][][] }[] }
export interface PipeRow { pipe: string; planned: string; was: string; method: string; length: number; done: string; open: boolean; problems: string[]; strip: Check[]; accepted: Accepted | null }
export interface Lot { id: string; name: string; parties: Party[]; own: Party[]; pipes: PipeRow[]; may: string[] }
export interface Project { id: string; name: string; district: string; begins: string; ends: string; note: string; simulated: boolean; filed: string; filed_by: string; parties: Party[]; lots: Lot[]; may: string[]; lines: Line[] }
export interface Section { pipe: string; length?: number; diameter_mm?: number; plastic?: boolean; rate?: number | null; allowed_l?: number | null; source?: string; formula?: string; clause?: string; status?: string }
export interface Tested { allowed_l: number | null; water_l: number | null; rate: number | null; passed: boolean; lacks: string[]; standard: string; edition: string; sections: Section[]; conditions: { rule: string; zh: string; en: string; value: number; unit: string; clause: string; status: string }[] }
export interface Sheet { kind: string; id: string; project: string; project_name: string; lot: string; date: string; filed: string; filed_by: string; change: number; files: { name: string; address: string; image?: boolean }[]; closed_water: Tested | null; [field: string]: unknown }
export const ROLES = ["owner", "designer", "contractor", "supervisor", "tester"] as const;
export const METHODS = ["open_cut", "cipp", "spiral_wound", "pipe_bursting", "mortar_lining", "spot_repair", "joint_grouting"];
/** What a pipe of a project can be, and its colour. */
export const STATES: Record<string, string> = { accepted: "--reached", ready: "--on_time", proving: "--at_risk", planned: "--unknown", lapsed: "--late" };
export const stateOf = (pipe: PipeRow): string => {
  if (pipe.accepted) return pipe.accepted.stands ? "accepted" : "lapsed";
  if (!pipe.done) return "planned";
  return pipe.open ? "ready" : "proving";
};
export const TONE = { met: "--reached", lacks: "--bad", not_asked: "--unknown" } as const;

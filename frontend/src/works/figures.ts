// What the service tells of the programme's figures.
export interface Share { length_mm: number; count: number; of_mm: number; of_count: number }
export interface Rule { formula: { zh: string; en: string }; edition: string; status: string }
export interface Stage { list: string; whole: Share; districts: Record<string, Share>; rule: Rule }
export interface Frozen { key: string; version: number; at: string; by: string; reason: string; count: number; length_mm: number; digest: string; signer: string }
export interface Milestone { date: string; key: string; zh: string; en: string; indicator: string; target: number | null; source: string; status: string; stage: string; today: number | null; on_date: number | null; past: boolean }
export interface OwnMilestone { date: string; district: string; indicator: string; target: number; zh: string; en: string; source: string; stage: string; today: number | null; on_date: number | null; past: boolean }
export interface Figures { day: string; known: string; names: Record<string, string>; stages: Record<string, Stage>; lists: Record<string, Frozen[]>; milestones: Milestone[]; own_milestones: OwnMilestone[] }
export interface DatedProof { kind: string; id: string; date: string; filed: string }
export interface FilmLink { inspection: string; second: number; date: string; filed: string }
export interface TestLink { id: string; date: string; filed: string }
export interface Row { pipe: string; district: string; length_mm: number; counts: boolean; since: string; filed: string; proofs: DatedProof[]; rules: string[]; film: FilmLink | null; closed_water: TestLink | null }
export interface Pipes { stage: string; day: string; rule: Rule; count: number; counted: number; rows: Row[]; listed: number }

/** What a figure is asked of: a past date as it was known then, or as it is known today. */
export const asked = (where: { date?: string; known?: string }): { as_of?: string | undefined; on?: string | undefined } => (where.known ? { on: where.date } : { as_of: where.date });
export const KM = 1e6; // [mm]
const LOOKS = ["cctv", "qv", "sonar", "visual", "other"];
/** Whether a proof is an inspection, which has a page of its own. */
export const isLook = (kind: string): boolean => LOOKS.includes(kind);

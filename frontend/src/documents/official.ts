// What the service tells of official documents and of rounds of consultation.
export interface Called { zh: string; en: string }
export interface Seat extends Called { seat: string; signed?: boolean; spoke?: boolean }
export interface Tables {
  kinds: Record<string, Called & { retention: string; paper: string }>;
  states: Record<string, Called & { open: boolean }>;
  steps: Record<string, Called & { needs: string[]; seat: boolean }>;
  retentions: Record<string, Called & { source: string; status: string }>;
}
export interface Row {
  id: string; kind: string; title: string; district: string; district_name: string; subject: string; body: string; version: number; state: string; since: string; by: string;
  sha256: string; number: string; force_number: string; issued_at: string; shelf: string; retention: string; kept_until: string; in_force: number; files: boolean; steps: string[];
}
export interface Register { day: string; known: string; rows: Row[]; count: number; states: Record<string, number>; mine: number; tables: Tables; districts: { district: string; name: string }[]; choices: Seat[]; may: boolean; simulated: boolean }
export interface MadeFrom { how: "uploaded" | "stored" | "paper"; name: string; change: number; at: string; programme: string; said: string; stale: boolean }
export interface Version {
  version: number; name: string; media: string; size: number; sha256: string; reason: string; by: string; at: string; made_from: MadeFrom; facts: Record<string, string>; state: string; since: string;
  number: string; issued_at: string; shelf: string; retention: string; kept_until: string; over: boolean; recipients: Seat[]; replaced_by: number; steps: string[];
}
export interface Event { id: string; version: number; step: string; at: string; by: string; note: string; seat: string; number: string; shelf: string; retention: string; signed: string }
export interface Totals { asked: number; replied: number; none: number; opinions: number; adopted: number; partly: number; refused: number; open: number; late: number; unsaid: number }
export interface RoundShort { id: string; version: number; due: string; closed: boolean; totals: Totals | null }
export interface Life extends Row {
  begun: { by: string; at: string }; countersigners: Seat[]; seats: string[]; versions: Version[]; events: Event[]; seen: number; rounds: RoundShort[]; unanswered: number; runs: boolean; inside: boolean;
  programme: string; choices: Seat[]; tables: Tables; simulated: boolean;
}
export interface Round {
  id: string; document: string; title: string; version: number; district: string; opened: string; by: string; note: string; due: string; days_left: number; over: boolean; closed: boolean; closed_at: string;
  totals: Totals | null; waiting: number; asked: Seat[]; runs: boolean;
}
export interface Rounds { day: string; known: string; rows: Round[]; count: number; open: number; over: number; simulated: boolean }
export interface Opinion {
  number: number; id: string; body: string; date: string; clause: string; text: string; none: boolean; seat: string; late: boolean; file: string; by: string; at: string;
  verdict: string; why: string; change: string; decided_by: string; decided_at: string;
}
export interface Waiting { id: string; file: string; row: number; fault: string; cells: Record<string, string> }
export interface RoundView extends Round { opinions: Opinion[]; rows: Waiting[]; seats: Seat[]; may: boolean; verdicts: string[]; simulated: boolean }
export interface Checked { count: number; broken: number; signer: string; rows: { document: string; title: string; version: number; faults: string[] }[] }

export const TONE: Record<string, string> = {
  draft: "--unknown", checked: "--grade-2", countersigned: "--ramp-4", approved: "--on_time", issued: "--reached", archived: "--other", revoked: "--late",
};
export const VERDICT: Record<string, string> = { open: "--unknown", adopted: "--reached", partly: "--at_risk", not: "--late", withdrawn: "--other" };
export const FORMS = ["xlsx", "docx", "pdf"] as const;
/** A day and time as it is read. */
export const when = (at: string): string => at.slice(0, 16).replace("T", " ");
/** The path of one document or one round under its city. */
export const official = (id: string, rest = ""): string => `official/${encodeURIComponent(id)}${rest}`;
export const consultation = (id: string, rest = ""): string => `consultations/${encodeURIComponent(id)}${rest}`;

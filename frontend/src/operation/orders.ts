// What the server answers of orders of upkeep.
export interface Names { zh: string; en: string }
export interface KindRow extends Names { photos: boolean; quantities: string[]; checklist: (Names & { item: string; finding: string })[] }
export interface OrderTables { kinds: Record<string, KindRow>; quantities: Record<string, Names & { unit: string }>; states: Record<string, Names>; steps: Record<string, Names & { needs: string[] }> }
export interface OrderRow {
  id: string; kind: string; assets: string[]; body: string; crew: string; district: string; planned_on: string; due: string; length: number; what: string;
  state: string; open: boolean; overdue: boolean; done_at: string; hours: number; quantities: Record<string, number>; faults: string[]; apart: number; version: number;
}
export interface Orders { all: number; states: Record<string, number>; overdue: number; rows: OrderRow[]; count: number; days: Record<string, number>; today: string; tables: OrderTables }
export interface OrderEvent { id: string; step: string; at: string; by: string; written_at: string; note: string; hours: number; quantities: Record<string, number>; answers: Record<string, string>; before: string[]; after: string[]; apart: boolean }
export interface OrderLife extends OrderRow { events: OrderEvent[]; steps: string[]; tables: OrderTables; places: Record<string, string[]>; problems: { id: string; kind: string; asset: string; state: string }[] }
export interface ScoreItem { name: string; weight: number; good: string[]; whole: string[]; share: number | null }
export interface Scores { items: (Names & { name: string; weight: number; formula_zh: string; formula_en: string; status: string })[]; bodies: { body: string; score: number | null; hours: number; items: ScoreItem[] }[] }
export const TONE: Record<string, string> = { issued: "--late", accepted: "--at_risk", started: "--on_time", done: "--on_time", closed: "--reached", cancelled: "--unknown" };

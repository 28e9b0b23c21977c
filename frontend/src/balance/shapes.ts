// The balance of zones, as the service tells it; flows in m³/d.
export type Span = [low: number, value: number, high: number] | null;
export type Column = "supplied" | "returned" | "arriving" | "pumped" | "treated" | "rain" | "dry" | "unexplained";

export interface PeriodRow extends Record<Column, Span> {
  period: string;
  days: number;
  wet_days: number;
  closed_by: string;
}

export interface ZoneRow extends Partial<Record<Column, Span>> {
  key: string;
  type: "city" | "plant" | "station" | "meter" | "zone";
  id: string;
  name: string;
  district: string;
  closes: "arriving" | "pumped" | "treated";
}

export interface Zones { zones: ZoneRow[]; hidden: number; since: string; until: string; simulated: boolean }
export interface Stream { type: string; id: string; name: string; flow: Span }

export interface Balance {
  key: string;
  type: ZoneRow["type"];
  id: string;
  name: string;
  closes: ZoneRow["closes"];
  by: string;
  return_ratio: number | null;
  periods: PeriodRow[];
  period: string;
  supply: Stream[];
  ways: Stream[];
  measured_length: number | null;
  issues: { code: string; weight: string; facts: Record<string, string | number> }[];
  simulated: boolean;
}

export const COLUMNS: Column[] = ["supplied", "returned", "arriving", "pumped", "treated", "rain", "dry", "unexplained"];

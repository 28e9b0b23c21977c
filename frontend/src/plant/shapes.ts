// The story of a plant's inflow as the service tells it; concentrations in mg/L, flows in m³/d.
export type Span = [low: number, value: number, high: number] | null;

export interface StoryMonth {
  month: string; days: number; flow: number;
  means: Record<string, number>;
  by_flow: Span; by_conductivity: Span; year_bod5: Span; chance: number | null;
}
export interface LossMonth { month: string; bod5: number; lost: number; diluted: number; dilution: Span; loss: Span }
export interface Loss { tracer: string; source: number; status: string; dilution: Span; loss: Span; months: LossMonth[] }
export interface BackMonth { month: string; flow: number; temperature: number | null; measured: number; forecast: Span; held: boolean }
export interface Back { rests_on: string; held: number; error: number; plain_error: number; bias: number; months: BackMonth[] }
export interface Chance { window: string; bod5: Span; chance: number; planned: number | null }

export interface Story {
  id: string; name: string; target: number;
  months: StoryMonth[];
  slopes: Record<string, Span>;
  agreement: number | null;
  unknown: string[];
  losses: Loss[];
  backcast: Back | null;
  chances: Chance[];
  sealed: { bod5: Span; verdict: string; chance: number | null } | null;
  issues: { code: string; weight: string; facts: Record<string, string | number> }[];
  simulated: boolean;
  days?: number; since?: string; until?: string;
}

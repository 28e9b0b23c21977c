// A paper as the service tells it: texts as pieces, each figure with its number in the list of sources.
import type { Step } from "../api/shapes";

export interface Piece { text: string; fact: number; key: string }
export interface Change { label: string; before: string; now: string }
export interface Text {
  words: string; text: string; draft: string; edited: boolean; version: number; by: string; at: string; redrafted: boolean;
  notice: boolean; changes: Change[]; lines: Piece[][]; drafted: Piece[][];
}
export interface Grid {
  grid: string; caption: string; heads: { label: string; width: number; number: boolean }[]; count: number; rows: Piece[][][]; note: Piece[];
}
export interface Chart { chart: string; caption: string; steps: Step[]; target: number }
export interface Fact { key: string; number: number; label: string; said: string; link: string; source: string }
export interface Paper {
  kind: string; subject: string; title: string; day: string; basis: string; simulated: boolean; marks: string[];
  parts: { key: string; title: string; blocks: (Text | Grid | Chart)[] }[];
  facts: Fact[]; known: { key: string; number: number; label: string; said: string }[];
}
export interface PlantOffered { id: string; name: string; district: string; bod5: number | null; threshold: number; meets: boolean | null }
export interface Offered {
  kinds: Record<string, "plant" | "district" | "month" | "part">; plants: PlantOffered[]; districts: { id: string; name: string }[];
  formats: string[]; may: string[]; simulated: boolean;
}
export interface Version { id: string; text: string; by: string; at: string }

/** Which paper the address names: kind and subject. */
export function named(row: string | undefined): [string, string] {
  const [kind = "", ...rest] = (row ?? "").split("/");
  return [kind, rest.join("/")];
}

/** The chapter's number as it is printed. */
export function numbered(place: number, language: string): string {
  if (language !== "zh") return `${place + 1}. `;
  return `${new Intl.NumberFormat("zh-u-nu-hanidec").format(place + 1)}\u3001`;
}

// From SI to what officials write; the factor is the same in both languages, only the name differs.
import { has, say } from "../state/texts.svelte";
import { figure } from "./figures";

export interface Border { unit: string; factor: number }

// Smallest first; a step is taken when the largest value of the column reaches `least` in its own unit.
const STEPS: Record<string, (Border & { least: number })[]> = {
  "kg/m³": [{ unit: "mg/L", factor: 1000, least: 0 }],
  "m³/s": [{ unit: "m³/d", factor: 86400, least: 0 }, { unit: "wan_m3_d", factor: 8.64, least: 1 }],
  "kg/s": [{ unit: "kg/d", factor: 86400, least: 0 }],
  "S/m": [{ unit: "µS/cm", factor: 10000, least: 0 }],
  m: [{ unit: "m", factor: 1, least: 0 }, { unit: "km", factor: 0.001, least: 1 }],
  yuan: [{ unit: "yuan", factor: 1, least: 0 }, { unit: "wan_yuan", factor: 1e-4, least: 1 }],
  "-": [{ unit: "%", factor: 100, least: 0 }],
  "%": [{ unit: "%", factor: 100, least: 0 }], // a share that is said as per cent
};

/** The border unit for a column of SI values. */
export function border(unit: string, values: (number | null | undefined)[] = []): Border {
  const steps = STEPS[unit];
  if (!steps) return { unit, factor: 1 };
  const largest = Math.max(0, ...values.map((value) => Math.abs(value ?? 0)));
  const fit = steps.filter((step) => largest * step.factor >= step.least).at(-1) ?? steps[0]!;
  return { unit: fit.unit, factor: fit.factor };
}

/** A unit's name in the language of the page. */
export function unitName(unit: string | null | undefined): string {
  if (!unit || unit === "-") return "";
  return has(`page.unit.${unit}`) ? say(`page.unit.${unit}`) : unit;
}

/** The SI value for a tooltip. */
export function inSI(value: number | null | undefined, unit: string): string {
  return value === null || value === undefined ? "" : `${figure(value)} ${unit === "-" ? "" : unitName(unit)}`.trim();
}

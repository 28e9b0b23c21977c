// The questions that can colour the network, and the classes of each. One legend draws, explains and filters them.
import { has, say } from "../state/texts.svelte";
import { town } from "../state/town.svelte";

export type Expression = unknown[];
export type Dash = "dotted" | "dashed";
export interface Kind {
  key: string;
  label: string;
  colour: string; // a variable of theme.css
  test: Expression; // true for the links of this class
  dash?: Dash; // the second channel: what is not known is dotted, one of two like colours is dashed
  wider?: number; // times the width by diameter: the graver, the wider
}

export const QUESTIONS = ["system", "diameter", "age", "material", "grade", "structural", "functional", "problem", "extraneous", "plan_year"] as const;
export type Question = (typeof QUESTIONS)[number];

export function asQuestion(name: string | undefined): Question {
  return QUESTIONS.find((question) => question === name) ?? "system";
}

const RAMP = ["--ramp-1", "--ramp-2", "--ramp-3", "--ramp-4", "--ramp-5"];
// Bounds of the classes; years, and m³/(d·km) as the tiles carry them.
type Amount = "diameter" | "age" | "extraneous";
const BOUNDS: Record<Amount, number[]> = { diameter: [0.3, 0.5, 0.8, 1.2], age: [10, 20, 30, 40], extraneous: [10, 50, 150, 500] };
const TILE_NAME = { diameter: "height", age: "age", extraneous: "extraneous_per_km" } as const;

function amounts(question: Amount): Kind[] {
  const value: Expression = ["get", TILE_NAME[question]];
  const known: Expression = ["==", ["typeof", value], "number"];
  const bounds = BOUNDS[question];
  const kinds = RAMP.map((colour, step): Kind => {
    const [low, high] = [bounds[step - 1], bounds[step]];
    const test: Expression = ["all", known];
    if (low !== undefined) test.push([">=", value, low]);
    if (high !== undefined) test.push(["<", value, high]);
    const shown = (bound: number): number => (question === "diameter" ? Math.round(bound * 1000) : bound);
    const label = high === undefined ? `≥ ${shown(low!)}` : low === undefined ? `< ${shown(high)}` : `${shown(low)}–${shown(high)}`;
    return { key: `${step}`, label, colour, test };
  });
  return [...kinds, { key: "unknown", label: say(`page.map.${question}_unknown`), colour: "--unknown", test: ["!", known], dash: "dotted" }];
}

const MATERIALS: Record<string, string> = {
  concrete: "--total", reinforced_concrete: "--storm", vitrified_clay: "--sanitary", hdpe: "--grade-1", pe: "--grade-2", pvc: "--grade-3", upvc: "--combined", ductile_iron: "--ramp-5", cast_iron: "--ramp-3",
};

const PROBLEMS: Record<string, string> = { open: "--grade-4", planned: "--grade-3", repairing: "--on_time", watch: "--grade-2", doubt: "--combined", sound: "--grade-1" };
const GRADED: readonly Question[] = ["grade", "structural", "functional"];
const WIDER: Record<string, number> = { 3: 1.3, 4: 1.7, planned: 1.3, open: 1.7 };
const DASHED: readonly string[] = ["supply", "pe", "upvc", "cast_iron", "doubt"];

function codes(name: string, list: string[], words: (code: string) => string, colour: (code: string) => string, rest: string): Kind[] {
  const kinds = list.map((code): Kind => ({ key: code, label: words(code), colour: colour(code), test: ["==", ["get", name], code], ...(DASHED.includes(code) ? { dash: "dashed" } : {}) }));
  const test: Expression = ["!", ["in", ["coalesce", ["get", name], ""], ["literal", list]]];
  return [...kinds, { key: rest, label: say(`page.map.${name}_${rest}`), colour: rest === "other" ? "--other" : "--unknown", test, dash: "dotted" }];
}

function grades(name: Question): Kind[] {
  const number: Expression = ["to-number", ["coalesce", ["get", name], 0]];
  return [1, 2, 3, 4, 0].map((grade) => ({
    key: `${grade}`,
    label: say(`page.map.grade_${grade}`),
    colour: grade ? `--grade-${grade}` : "--unknown",
    test: ["==", number, grade],
    wider: WIDER[grade] ?? 1,
    ...(grade ? {} : { dash: "dotted" as const }),
  }));
}

/** The classes of a question; `windows` are the years of the plan. */
export function kindsOf(question: Question, windows: string[]): Kind[] {
  if (question === "age" || question === "extraneous" || question === "diameter") return amounts(question);
  if (GRADED.includes(question)) return grades(question);
  if (question === "plan_year") {
    const year: Expression = ["to-string", ["coalesce", ["get", "plan_year"], ""]];
    const kinds = windows.map((window, index): Kind => ({
      key: window,
      label: window,
      colour: RAMP[Math.round((index * (RAMP.length - 1)) / Math.max(1, windows.length - 1))]!,
      test: ["==", year, window],
    }));
    const outside: Expression = ["!", ["in", year, ["literal", windows]]];
    return [...kinds, { key: "none", label: say("page.map.plan_year_none"), colour: "--unknown", test: outside, dash: "dotted" }];
  }
  if (question === "problem") {
    const made = codes("problem", Object.keys(PROBLEMS), (code) => say(`page.map.problem_${code}`), (code) => PROBLEMS[code]!, "unknown");
    return made.map((kind) => ({ ...kind, wider: WIDER[kind.key] ?? 1 }));
  }
  if (question === "material") return codes("material", Object.keys(MATERIALS), (code) => town.code("material", code), (code) => MATERIALS[code]!, "other");
  return codes("system", ["storm", "sanitary", "combined", "supply"], (code) => say(`page.map.system_${code}`), (code) => `--${code}`, "other");
}

export function unitOf(question: Question): string {
  return has(`page.map.unit_${question}`) ? say(`page.map.unit_${question}`) : "";
}

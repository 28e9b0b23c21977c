// The questions that can colour the network, and the classes of each. One legend draws, explains and filters them.
import { has, say } from "../state/texts.svelte";
import { town } from "../state/town.svelte";

export type Expression = unknown[];
export interface Kind {
  key: string;
  label: string;
  colour: string; // a variable of theme.css
  test: Expression; // true for the links of this class
}

export const QUESTIONS = ["system", "diameter", "grade", "extraneous", "age", "material", "plan_year"] as const;
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
  return [...kinds, { key: "unknown", label: say(`page.map.${question}_unknown`), colour: "--unknown", test: ["!", known] }];
}

const MATERIALS: Record<string, string> = {
  concrete: "--total", reinforced_concrete: "--storm", vitrified_clay: "--sanitary", hdpe: "--grade-1", pe: "--grade-2", pvc: "--grade-3", upvc: "--combined", ductile_iron: "--ramp-5", cast_iron: "--ramp-3",
};

function codes(name: string, list: string[], words: (code: string) => string, colour: (code: string) => string): Kind[] {
  return list.map((code) => ({ key: code, label: words(code), colour: colour(code), test: ["==", ["get", name], code] }));
}

/** The classes of a question; `windows` are the years of the plan. */
export function kindsOf(question: Question, windows: string[]): Kind[] {
  if (question === "age" || question === "extraneous" || question === "diameter") return amounts(question);
  if (question === "grade") {
    const number: Expression = ["to-number", ["coalesce", ["get", "grade"], 0]];
    return [1, 2, 3, 4, 0].map((grade) => ({
      key: `${grade}`,
      label: say(`page.map.grade_${grade}`),
      colour: grade ? `--grade-${grade}` : "--unknown",
      test: ["==", number, grade],
    }));
  }
  if (question === "plan_year") {
    const year: Expression = ["to-string", ["coalesce", ["get", "plan_year"], ""]];
    const kinds = windows.map((window, index): Kind => ({
      key: window,
      label: window,
      colour: RAMP[Math.round((index * (RAMP.length - 1)) / Math.max(1, windows.length - 1))]!,
      test: ["==", year, window],
    }));
    const outside: Expression = ["!", ["in", year, ["literal", windows]]];
    return [...kinds, { key: "none", label: say("page.map.plan_year_none"), colour: "--unknown", test: outside }];
  }
  if (question === "material") {
    const known = Object.keys(MATERIALS);
    const rest: Expression = ["!", ["in", ["coalesce", ["get", "material"], ""], ["literal", known]]];
    return [...codes("material", known, (code) => town.code("material", code), (code) => MATERIALS[code]!), { key: "other", label: say("page.map.material_other"), colour: "--other", test: rest }];
  }
  const known = ["storm", "sanitary", "combined", "supply"];
  const kinds = codes("system", known, (code) => say(`page.map.system_${code}`), (code) => `--${code}`);
  const rest: Expression = ["!", ["in", ["coalesce", ["get", "system"], ""], ["literal", known]]];
  return [...kinds, { key: "other", label: say("page.map.system_other"), colour: "--other", test: rest }];
}

export function unitOf(question: Question): string {
  return has(`page.map.unit_${question}`) ? say(`page.map.unit_${question}`) : "";
}

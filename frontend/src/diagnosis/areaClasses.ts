// Into which class of the map does each area fall, and how unsure is it?
import type { AreaRow, AreaWater } from "../api/shapes";
import type { Kind } from "../map/questions";
import { say } from "../state/texts.svelte";

const RAMP = ["--ramp-1", "--ramp-2", "--ramp-3", "--ramp-4", "--ramp-5"];
const BOUNDS = [10, 50, 150, 500]; // m³/(d·km)
/** Half of the interval over the value from which an area is hatched. */
export const UNSURE = 0.5;

export function unsure(said: AreaWater | null | undefined): number {
  if (!said || said.low === null || said.high === null) return 0;
  return said.value > 0 ? (said.high - said.low) / 2 / said.value : 1;
}

export function perKilometre(area: AreaRow, water: string): number | null {
  const said = area.waters[water];
  return said && area.length > 0 ? said.value / area.length : null;
}

/** Classes whose tests name their areas, so that one attribute of the tiles serves every water. */
export function classesOf(areas: AreaRow[], water: string): Kind[] {
  const rows = areas.map((area) => ({ id: area.id, value: perKilometre(area, water) })).filter((row) => row.value !== null);
  const own = ["coalesce", ["get", "meter_area"], ""];
  const kinds = RAMP.map((colour, step): Kind => {
    const low = BOUNDS[step - 1] ?? -Infinity;
    const high = BOUNDS[step] ?? Infinity;
    const ids = rows.filter((row) => row.value! >= low && row.value! < high).map((row) => row.id);
    const label = high === Infinity ? `≥ ${low}` : low === -Infinity ? `< ${high}` : `${low}–${high}`;
    return { key: `${step}`, label, colour, test: ["in", own, ["literal", ids]] };
  });
  const test = ["!", ["in", own, ["literal", rows.map((row) => row.id)]]];
  return [...kinds, { key: "unknown", label: say("page.areas.unknown"), colour: "--unknown", test, dash: "dotted" }];
}

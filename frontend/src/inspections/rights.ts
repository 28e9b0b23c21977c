// May the reader bring inspections into this city, or a part of it?
import { key } from "../state/key.svelte";
import { place } from "../state/place.svelte";

export function brings(): boolean {
  return !place.now.date && Boolean(key.me?.local || key.me?.cities[place.now.city]?.actions.includes("import"));
}

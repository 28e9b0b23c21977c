// What was a finding made from, in words? Readings of one place stand together; what nobody knows stays as it is.
import { has, say } from "../state/texts.svelte";

const SERIES = /^series:(.+)\/(\w+)$/;
const SEWAGE = /^network:(\w+)\/sewage:(\w+)$/;
const NETWORK = /^network:(\w+)$/;
const TABLE = /^table:endmembers\.csv:(city|default)$/;

/** An input that is no reading. */
function named(input: string): string {
  const sewage = SEWAGE.exec(input), network = NETWORK.exec(input), table = TABLE.exec(input);
  if (sewage && has(`page.input.sewage_${sewage[2]}`)) return say("page.input.network_sewage", { version: sewage[1]!, sewage: say(`page.input.sewage_${sewage[2]}`) });
  if (network) return say("page.input.network", { version: network[1]! });
  return table ? say(`page.input.members_${table[1]}`) : input;
}

/** The inputs of one or several findings, each said once. */
export function inputNames(inputs: string[]): string[] {
  const places = new Map<string, string[]>();
  const others: string[] = [];
  for (const input of new Set(inputs)) {
    const [, place, quantity] = SERIES.exec(input) ?? [];
    if (place && quantity) places.set(place, [...(places.get(place) ?? []), has(`page.input.of_${quantity}`) ? say(`page.input.of_${quantity}`) : quantity]);
    else others.push(named(input));
  }
  return [...[...places].map(([place, read]) => say("page.input.readings", { place, read: read.join(say("page.list_and")) })), ...others];
}

// From the balance of one period to the streams of its drawing.
import { say } from "../state/texts.svelte";
import type { Balance, PeriodRow, Span, Stream } from "./shapes";
import type { Link, Node } from "./sankey";

const MOST = 6; // streams drawn one by one; the rest is one band
const mid = (span: Span): number => Math.max(0, span?.[1] ?? 0);

function plus(spans: Span[]): Span {
  const known = spans.filter((span): span is [number, number, number] => span !== null);
  if (!known.length) return null;
  const value = known.reduce((all, span) => all + span[1], 0);
  const half = (side: 0 | 2): number => Math.hypot(...known.map((span) => span[side] - span[1]));
  return [value - half(0), value, value + half(2)];
}

function few(streams: Stream[], id: string): (Stream & { at: string })[] {
  const known = streams.filter((one) => mid(one.flow) > 0);
  const shown = known.slice(0, MOST).map((one, at) => ({ ...one, at: `${id}${at}` }));
  const rest = known.slice(MOST);
  if (!rest.length) return shown;
  return [...shown, { type: "rest", id: "", at: `${id}rest`, name: say("page.balance.rest", { count: rest.length }), flow: plus(rest.map((one) => one.flow)) }];
}

const named = (one: Stream): string => (one.type === "bills" ? say("balance.type.bills") : one.name || one.id);

/** Nodes and links of one period; `plain` draws the sums alone, for a narrow window. */
export function streams(balance: Balance, row: PeriodRow, plain: boolean): { nodes: Node[]; links: Link[] } {
  const nodes: Node[] = [];
  const links: Link[] = [];
  const node = (id: string, column: number, name: string, span: Span, kind: string): void => void nodes.push({ id, column, name, span, kind });
  const link = (from: string, to: string, value: number, span: Span, kind: string): void => void links.push({ from, to, value, span, kind });
  const supplied = mid(row.supplied);
  const returned = Math.min(mid(row.returned), supplied || Infinity);
  const total = mid(row[balance.closes]);
  const closed = row[balance.closes] !== null;
  const lost = row.supplied && row.returned ? ([row.supplied[1] - row.returned[2], supplied - returned, row.supplied[1] - row.returned[0]] as Span) : null;

  if (supplied > 0) {
    const parts = plain || balance.supply.length < 2 ? [] : few(balance.supply, "s");
    const whole = parts.reduce((all, one) => all + mid(one.flow), 0);
    node("supplied", 1, say("balance.column.supplied"), row.supplied, "supply");
    for (const one of parts) {
      node(one.at, 0, named(one), one.flow, "supply");
      link(one.at, "supplied", (mid(one.flow) / whole) * supplied, one.flow, "supply");
    }
    node("returned", 2, say("balance.column.returned"), row.returned, "sewage");
    node("kept", 2, say("page.balance.kept"), lost, "other");
    link("supplied", "returned", returned, row.returned, "sewage");
    link("supplied", "kept", supplied - returned, lost, "other");
  }
  if (!closed) return { nodes, links };
  const rain = Math.min(mid(row.rain), total);
  const beyond = total - returned - rain; // below nothing: sewage that does not arrive
  const known = supplied > 0;
  node("total", 3, say("page.balance.measured"), row[balance.closes], "sewage");
  if (known) link("returned", "total", beyond < 0 ? Math.max(0, returned + beyond) : returned, row.returned, "sewage");
  if (known && beyond > 0) {
    node("unexplained", 2, say(row.rain ? "balance.column.dry" : "balance.column.unexplained"), row.rain ? row.dry : row.unexplained, "clean");
    link("unexplained", "total", beyond, row.rain ? row.dry : row.unexplained, "clean");
  }
  if (known && beyond < 0) {
    const missing = row.unexplained ? ([-row.unexplained[2], -row.unexplained[1], -row.unexplained[0]] as Span) : null;
    node("missing", 3, say("page.balance.missing"), missing, "missing");
    link("returned", "missing", Math.min(-beyond, returned), missing, "missing");
  }
  if (rain > 0) {
    node("rain", 2, say("balance.column.rain"), row.rain, "rain");
    link("rain", "total", rain, row.rain, "rain");
  }
  if (!known) {
    node("water", 2, say("page.balance.unknown"), row[balance.closes], "other");
    link("water", "total", total - rain, row[balance.closes], "other");
  }
  const ways = plain ? [] : few(balance.ways, "w");
  const passed = ways.reduce((all, one) => all + mid(one.flow), 0);
  if (ways.length && total > 0) {
    const fit = Math.min(1, total / passed); // meters that read more than the outlet are drawn within it
    for (const one of ways) {
      node(one.at, 4, named(one), one.flow, "way");
      link("total", one.at, mid(one.flow) * fit, one.flow, "way");
    }
    node("unseen", 4, say("page.balance.unseen"), null, "other");
    link("total", "unseen", Math.max(0, total - passed * fit), null, "other");
  }
  return { nodes, links };
}

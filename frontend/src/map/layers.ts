// The layers of the map as plain data, from the question, the classes hidden, and the theme.
import type { Dash, Expression, Kind, Question } from "./questions";

export interface MapLayer {
  id: string;
  type: "fill" | "line" | "circle" | "symbol";
  source: string;
  "source-layer"?: string;
  minzoom?: number;
  filter?: Expression | undefined;
  paint?: Record<string, unknown>;
  layout?: Record<string, unknown>;
}

export type Palette = (name: string) => string;

/** What can be chosen, foremost first. */
export const TOUCHED = ["numbered", "signs", "meters", "outfalls", "gauges", "places", "manholes", "links", "links-dashed", "links-dotted", "rivers"];
const SIGNED = ["plant", "station", "outfall", "storage", "meter", "gauge", "section"];

/** Colours as theme.css has them now; call again when the theme changes. */
export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

// A slip of the unit makes a bore of 300 m: it is drawn as wide as the largest there is.
const SIZE: Expression = ["min", 4, ["max", 0.2, ["coalesce", ["get", "height"], 0.3]]];
const STOPS: [zoom: number, least: number, times: number][] = [[9, 0.6, 1], [13, 1.4, 2.2], [16, 2.2, 5], [20, 6, 22]];
const DASHES: Record<Dash, number[]> = { dotted: [0.8, 1.4], dashed: [3, 1.2] };

/** Width by diameter; the graver classes wider. */
function width(kinds: Kind[]): Expression {
  const wide = kinds.filter((kind) => kind.wider && kind.wider !== 1);
  const more = (by: Expression): Expression => (wide.length ? ["*", by, ["case", ...wide.flatMap((kind) => [kind.test, kind.wider]), 1]] : by);
  return ["interpolate", ["exponential", 1.5], ["zoom"], ...STOPS.flatMap(([zoom, least, times]) => [zoom, more(["max", least, ["*", SIZE, times]])])];
}
const ROUND = { "line-cap": "round", "line-join": "round" };
// Far away a pipe is a few pixels long: nobody sees its ends, and round ones cost as much as the pipe.
const NEAR_ROUND = { "line-cap": ["step", ["zoom"], "butt", 14, "round"], "line-join": ["step", ["zoom"], "miter", 14, "round"] };

function ground(colours: Palette, where: string | undefined): MapLayer[] {
  const zone: Expression = ["==", ["get", "type"], "zone"];
  const district: Expression = ["==", ["get", "kind"], "district"];
  const named = (id: string, layer: string, filter: Expression | undefined, placement: string, colour: string): MapLayer => ({
    id, type: "symbol", source: "city", "source-layer": layer, filter, minzoom: 10,
    layout: { "text-field": ["coalesce", ["get", "name"], ""], "text-size": 13, "symbol-placement": placement, "symbol-spacing": 500, ...(placement === "point" ? { "text-variable-anchor": ["center", "top", "bottom", "left", "right"], "text-radial-offset": 1.2, "text-justify": "auto" } : {}) },
    paint: { "text-color": colours(colour), "text-halo-color": colours("--map-halo"), "text-halo-width": 1.5 },
  });
  const chosen: Expression = ["all", zone, ["==", ["get", "id"], where ?? ""]];
  return [
    { id: "areas", type: "fill", source: "city", "source-layer": "area", filter: zone, paint: { "fill-color": colours("--map-area"), "fill-opacity": 0.7, "fill-antialias": false } },
    { id: "area-edges", type: "line", source: "city", "source-layer": "area", filter: zone, paint: { "line-color": colours("--map-area-line"), "line-width": ["case", district, 1.4, 0.5] } },
    { id: "area-chosen", type: "line", source: "city", "source-layer": "area", filter: chosen, layout: { visibility: where ? "visible" : "none" }, paint: { "line-color": colours("--accent"), "line-width": 2.5 } },
    {
      id: "rivers", type: "line", source: "city", "source-layer": "river", layout: ROUND,
      paint: { "line-color": colours("--map-river"), "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 9, 1.5, 14, 6, 18, 26] },
    },
    named("area-names", "area-name", undefined, "point", "--map-name"),
    named("river-names", "river", undefined, "line", "--map-river-name"),
  ];
}

function network(question: Question, kinds: Kind[], hidden: ReadonlySet<string>, colours: Palette): MapLayer[] {
  const colour: Expression = ["case", ...kinds.flatMap((kind) => [kind.test, colours(kind.colour)]), colours("--unknown")];
  const away = kinds.filter((kind) => hidden.has(kind.key)).map((kind) => kind.test);
  const filter: Expression | undefined = away.length ? ["!", ["any", ...away]] : undefined;
  // What is less sure is fainter, on the same map.
  const sure: Expression = ["interpolate", ["linear"], ["coalesce", ["get", "sureness"], 0], 0, 0.4, 1, 1];
  const ink = { "text-color": colours("--text"), "text-halo-color": colours("--map-halo"), "text-halo-width": 1.6 };
  /** The links drawn with one kind of stroke: a class is in one of the three layers. */
  const lines = (dash: Dash | undefined): MapLayer => {
    const drawn = kinds.filter((kind) => kind.dash === dash && !hidden.has(kind.key));
    return {
      id: dash ? `links-${dash}` : "links", type: "line", source: "city", "source-layer": "link", filter: ["any", ...drawn.map((kind) => kind.test)],
      layout: { ...NEAR_ROUND, ...(dash ? { "line-cap": "butt" } : {}), visibility: drawn.length ? "visible" : "none" },
      paint: { "line-color": colour, "line-width": width(drawn), "line-opacity": question === "extraneous" ? sure : 1, ...(dash ? { "line-dasharray": DASHES[dash] } : {}) },
    };
  };
  return [
    ...(["dotted", "dashed", undefined] as const).map(lines),
    {
      id: "arrows", type: "symbol", source: "city", "source-layer": "link", minzoom: 16, filter,
      layout: { "symbol-placement": "line", "symbol-spacing": 70, "icon-image": "arrow", "icon-size": ["interpolate", ["linear"], ["zoom"], 16, 0.7, 19, 1.1], "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-padding": 0 },
      paint: {},
    },
    {
      id: "link-names", type: "symbol", source: "city", "source-layer": "link", minzoom: 17, filter,
      layout: { "symbol-placement": "line", "text-field": ["get", "id"], "text-size": 11, "text-offset": [0, -1] }, paint: ink,
    },
    {
      id: "manholes", type: "circle", source: "city", "source-layer": "node", minzoom: 14.5, filter: ["!", ["in", ["get", "type"], ["literal", SIGNED]]],
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 14.5, 1.2, 17, 3.2, 20, 7], "circle-color": colours("--map-halo"),
        "circle-stroke-color": colours("--map-node"), "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 14.5, 0.6, 18, 1.6],
      },
    },
    {
      id: "places", type: "circle", source: "city", "source-layer": "place", minzoom: 14.5, filter: ["!", ["in", ["get", "type"], ["literal", SIGNED]]],
      paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 14.5, 1.5, 18, 4.5], "circle-color": colours("--map-place"), "circle-opacity": 0.75 },
    },
  ];
}

function sign(id: string, layer: string, minzoom: number, types: string[], size = 1): MapLayer {
  return {
    id, type: "symbol", source: "city", "source-layer": layer, minzoom,
    filter: ["in", ["get", "type"], ["literal", types]],
    layout: { "icon-image": ["concat", "sign-", ["get", "type"]], "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.55 * size, 14, 0.85 * size, 18, 1.15 * size], "icon-allow-overlap": true },
    paint: {},
  };
}

function marks(colours: Palette): MapLayer[] {
  const line: Expression = ["==", ["geometry-type"], "LineString"];
  const point: Expression = ["==", ["geometry-type"], "Point"];
  const wide = (more: number): Expression => ["interpolate", ["linear"], ["zoom"], 10, 4 + more, 16, 9 + more];
  return [
    { id: "chosen-line", type: "line", source: "chosen", filter: line, layout: ROUND, paint: { "line-color": colours("--map-chosen"), "line-width": wide(2), "line-opacity": 0.35 } },
    { id: "chosen-area", type: "line", source: "chosen", filter: ["==", ["geometry-type"], "Polygon"], paint: { "line-color": colours("--map-chosen"), "line-width": 2.5 } },
    { id: "chosen-point", type: "circle", source: "chosen", filter: point, paint: { "circle-radius": 13, "circle-opacity": 0, "circle-color": colours("--map-chosen"), "circle-stroke-color": colours("--map-chosen"), "circle-stroke-width": 2.5 } },
    {
      id: "numbered", type: "circle", source: "numbered",
      paint: { "circle-radius": ["get", "radius"], "circle-color": ["get", "colour"], "circle-opacity": ["get", "opacity"], "circle-stroke-color": colours("--map-halo"), "circle-stroke-width": 1.5 },
    },
    {
      id: "numbers", type: "symbol", source: "numbered", layout: { "text-field": ["get", "label"], "text-size": 13, "text-allow-overlap": true },
      paint: { "text-color": colours("--text"), "text-halo-color": colours("--map-halo"), "text-halo-width": 2 },
    },
  ];
}

/** What the reader can switch off, and the layers of each. */
export const SWITCHES: Record<string, string[]> = {
  conduits: ["links", "links-dashed", "links-dotted", "arrows"], manholes: ["manholes"], stations: ["signs"], outfalls: ["outfalls"], places: ["places"],
  meters: ["meters", "gauges"], areas: ["areas", "area-edges", "area-names"], rivers: ["rivers", "river-names"], names: ["link-names", "area-names", "river-names"],
};

export function layersOf(question: Question, kinds: Kind[], hidden: ReadonlySet<string>, colours: Palette, district?: string, off: ReadonlySet<string> = new Set()): MapLayer[] {
  const gone = new Set([...off].flatMap((one) => SWITCHES[one] ?? []));
  return drawn(question, kinds, hidden, colours, district).map((layer) => (gone.has(layer.id) ? { ...layer, layout: { ...layer.layout, visibility: "none" } } : layer));
}

function drawn(question: Question, kinds: Kind[], hidden: ReadonlySet<string>, colours: Palette, district?: string): MapLayer[] {
  const wide = (more: number): Expression => ["interpolate", ["linear"], ["zoom"], 10, 3 + more, 16, 9 + more];
  const trace = (id: string, colour: string, more: number): MapLayer => ({
    id, type: "line", source: "trace", layout: ROUND, paint: { "line-color": colours(colour), "line-width": wide(more) },
  });
  return [
    ...ground(colours, district),
    trace("trace-edge", "--map-trace-edge", 2.5),
    trace("trace", "--map-trace", 0),
    ...network(question, kinds, hidden, colours),
    sign("gauges", "place", 14.5, ["gauge", "section"], 0.75),
    sign("outfalls", "node", 13.5, ["outfall", "storage"], 0.75),
    sign("meters", "place", 12.5, ["meter"], 0.85),
    sign("signs", "node", 8, ["plant", "station"]),
    ...marks(colours),
  ];
}

/** Signs to draw: the icon of the asset type on a disc. */
export function signs(colours: Palette): Record<string, { icon: string; disc: string; ink: string }> {
  const made: Record<string, { icon: string; disc: string; ink: string }> = {};
  for (const type of SIGNED) {
    const strong = type === "plant" || type === "station";
    made[type] = { icon: type, disc: colours(strong ? "--accent" : "--map-halo"), ink: colours(strong ? "--on-accent" : "--map-place") };
  }
  return made;
}

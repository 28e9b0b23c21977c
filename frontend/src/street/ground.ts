// The map extract of a bundle as plain features and layers; no tile is asked for.
import type { MapLayer, Palette } from "../map/layers";
import type { Asset, Bundle } from "./shapes";

const KNOWN = ["storm", "sanitary", "combined", "supply"];
const RADIUS = 6_371_000; // [m]

export function metres(one: [number, number], other: [number, number]): number {
  const rad = Math.PI / 180;
  const x = (other[0] - one[0]) * rad * Math.cos(((one[1] + other[1]) / 2) * rad);
  const y = (other[1] - one[1]) * rad;
  return RADIUS * Math.hypot(x, y);
}

function shape(one: Asset): GeoJSON.Geometry {
  return one.coordinates.length === 1 ? { type: "Point", coordinates: one.coordinates[0]! } : { type: "LineString", coordinates: one.coordinates };
}

export function extract(bundle: Bundle, wanted: ReadonlySet<string>): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: bundle.assets.filter((one) => one.coordinates.length > 0).map((one) => {
      const [type = "", ...id] = one.id.split("/");
      return { type: "Feature", geometry: shape(one), properties: { type, id: id.join("/"), water: one.water, size: (one.diameter_mm ?? 300) / 1000, wanted: wanted.has(one.id) } };
    }),
  };
}

export function boxOf(assets: Asset[]): [number, number, number, number] | undefined {
  const all = assets.flatMap((one) => one.coordinates);
  if (!all.length) return undefined;
  const span = (axis: 0 | 1): [number, number] => [Math.min(...all.map((at) => at[axis])), Math.max(...all.map((at) => at[axis]))];
  const [west, east] = span(0);
  const [south, north] = span(1);
  return [west - 2e-4, south - 2e-4, east + 2e-4, north + 2e-4];
}

export const TOUCHED = ["street-points", "street-lines"];

export function streetLayers(colours: Palette): MapLayer[] {
  const line: MapLayer["filter"] = ["==", ["geometry-type"], "LineString"];
  const point: MapLayer["filter"] = ["==", ["geometry-type"], "Point"];
  const water = ["match", ["get", "water"], ...KNOWN.flatMap((one) => [one, colours(`--${one}`)]), colours("--other")];
  const width = (more: number): unknown[] => ["interpolate", ["exponential", 1.5], ["zoom"], 12, 1.5 + more, 16, ["+", more, ["max", 3, ["*", 6, ["get", "size"]]]], 20, ["+", more, ["max", 8, ["*", 20, ["get", "size"]]]]];
  const round = { "line-cap": "round", "line-join": "round" };
  const ink = { "text-color": colours("--text"), "text-halo-color": colours("--map-halo"), "text-halo-width": 2 };
  return [
    { id: "street-wanted", type: "line", source: "street", filter: ["all", line, ["get", "wanted"]], layout: round, paint: { "line-color": colours("--map-trace-edge"), "line-width": width(9) } },
    { id: "street-wanted-in", type: "line", source: "street", filter: ["all", line, ["get", "wanted"]], layout: round, paint: { "line-color": colours("--map-trace"), "line-width": width(6) } },
    { id: "street-chosen-line", type: "line", source: "chosen", filter: line, layout: round, paint: { "line-color": colours("--map-chosen"), "line-width": width(10), "line-opacity": 0.4 } },
    { id: "street-lines", type: "line", source: "street", filter: line, layout: round, paint: { "line-color": water, "line-width": width(0) } },
    { id: "street-arrows", type: "symbol", source: "street", filter: line, minzoom: 16, layout: { "symbol-placement": "line", "symbol-spacing": 70, "icon-image": "arrow", "icon-size": 0.8, "icon-allow-overlap": true, "icon-ignore-placement": true }, paint: {} },
    { id: "street-wanted-points", type: "circle", source: "street", filter: ["all", point, ["get", "wanted"]], paint: { "circle-radius": 14, "circle-color": colours("--map-trace"), "circle-stroke-color": colours("--map-trace-edge"), "circle-stroke-width": 1.5 } },
    { id: "street-points", type: "circle", source: "street", filter: point, minzoom: 15, paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 15, 2.5, 17, 6, 20, 12], "circle-color": colours("--map-halo"), "circle-stroke-color": water, "circle-stroke-width": 2 } },
    { id: "street-chosen-point", type: "circle", source: "chosen", filter: point, paint: { "circle-radius": 16, "circle-opacity": 0, "circle-color": colours("--map-chosen"), "circle-stroke-color": colours("--map-chosen"), "circle-stroke-width": 3 } },
    { id: "street-line-names", type: "symbol", source: "street", filter: line, minzoom: 16.5, layout: { "symbol-placement": "line", "text-field": ["get", "id"], "text-size": 13, "text-offset": [0, -1] }, paint: ink },
    { id: "street-point-names", type: "symbol", source: "street", filter: point, minzoom: 17, layout: { "text-field": ["get", "id"], "text-size": 13, "text-offset": [0, 1.2] }, paint: ink },
    { id: "street-here", type: "circle", source: "here", paint: { "circle-radius": 9, "circle-color": colours("--focus"), "circle-stroke-color": colours("--map-halo"), "circle-stroke-width": 3 } },
  ];
}

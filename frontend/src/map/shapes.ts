// Small geometry for the map: a feature collection of one shape, and the box around it.
import type { Box } from "./WenquMap.svelte";

export const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export function collection(geometry: GeoJSON.Geometry | null | undefined): GeoJSON.FeatureCollection {
  return geometry ? { type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry }] } : NOTHING;
}

function* positions(geometry: GeoJSON.Geometry): Generator<GeoJSON.Position> {
  if (geometry.type === "GeometryCollection") {
    for (const part of geometry.geometries) yield* positions(part);
    return;
  }
  const walk = function* (nested: unknown): Generator<GeoJSON.Position> {
    if (!Array.isArray(nested)) return;
    if (typeof nested[0] === "number") yield nested as GeoJSON.Position;
    else for (const one of nested) yield* walk(one);
  };
  yield* walk(geometry.coordinates);
}

export function boxAround(geometry: GeoJSON.Geometry | null | undefined): Box | undefined {
  if (!geometry) return undefined;
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x = 0, y = 0] of positions(geometry)) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return Number.isFinite(box[0]) ? box : undefined;
}

export function readView(text: string | undefined): { longitude: number; latitude: number; zoom: number } | undefined {
  const parts = (text ?? "").split("/").map(Number);
  const [longitude, latitude, zoom] = parts;
  if (parts.length !== 3 || longitude === undefined || latitude === undefined || zoom === undefined || parts.some(Number.isNaN)) return undefined;
  return { longitude, latitude, zoom };
}

export function writeView(view: { longitude: number; latitude: number; zoom: number }): string {
  return `${view.longitude.toFixed(5)}/${view.latitude.toFixed(5)}/${view.zoom.toFixed(2)}`;
}

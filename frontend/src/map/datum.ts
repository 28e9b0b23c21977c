// Where a GCJ-02 base map draws a true place, and back. Only what is drawn is moved; what is stored never is.
type Place = [number, number];
const AXIS = 6378245.0;
const SQUARED = 0.00669342162296594323;
const { sin, cos, sqrt, abs, PI } = Math;

function moved(x: number, y: number): Place {
  const waves = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3;
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves;
  north += ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3 + ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves;
  east += ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3 + ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  return [east, north];
}

export function shifted([longitude, latitude]: Place): Place {
  if (longitude < 72.004 || longitude > 137.8347 || latitude < 0.8293 || latitude > 55.8271) return [longitude, latitude];
  const [east, north] = moved(longitude - 105, latitude - 35);
  const angle = (latitude / 180) * PI;
  const magic = 1 - SQUARED * sin(angle) ** 2;
  return [
    longitude + (east * 180) / ((AXIS / sqrt(magic)) * cos(angle) * PI),
    latitude + (north * 180) / (((AXIS * (1 - SQUARED)) / (magic * sqrt(magic))) * PI),
  ];
}

/** The true place of a drawn one, by iteration: every step leaves about a thousandth of the error. */
export function trueOf(drawn: Place): Place {
  let guess = drawn;
  for (let step = 0; step < 8; step += 1) {
    const [x, y] = shifted(guess);
    guess = [guess[0] - x + drawn[0], guess[1] - y + drawn[1]];
  }
  return guess;
}

function walk(nested: unknown): unknown {
  if (!Array.isArray(nested)) return nested;
  return typeof nested[0] === "number" ? [...shifted([nested[0], nested[1] as number]), ...nested.slice(2)] : nested.map(walk);
}

function geometry<T extends GeoJSON.Geometry>(one: T): T {
  if (one.type === "GeometryCollection") return { ...one, geometries: one.geometries.map(geometry) };
  return { ...one, coordinates: walk(one.coordinates) };
}

export function collectionShifted(of: GeoJSON.FeatureCollection): GeoJSON.FeatureCollection {
  return { ...of, features: of.features.map((one) => ({ ...one, geometry: one.geometry && geometry(one.geometry) })) };
}

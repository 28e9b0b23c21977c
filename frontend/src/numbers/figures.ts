// How a number is written: three significant figures, thin spaces, intervals as 12.4 (9.8–15.1).
const THIN = "\u2009";
const MISSING = "–";

function grouped(text: string): string {
  const [whole = "", part] = text.split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  return part === undefined ? spaced : `${spaced}.${part}`;
}

function known(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Digits after the point that leave three significant figures. */
function places(value: number): number {
  if (value === 0) return 0;
  const rounded = Number(Math.abs(value).toPrecision(3));
  return Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(rounded))));
}

function written(value: number, digits: number): string {
  const size = Math.abs(value);
  const short = digits === 0 && size >= 1000 ? Number(size.toPrecision(3)) : size;
  const text = grouped(short.toFixed(digits));
  return value < 0 && Number(short.toFixed(digits)) !== 0 ? `\u2212${text}` : text;
}

/** A measured value to three significant figures, with `most` digits after the point at most. */
export function figure(value: number | null | undefined, most = 6): string {
  return known(value) ? written(value, Math.min(most, places(value))) : MISSING;
}

/** A value where the third digit is not enough: a cost beside its bound, a concentration beside its threshold. */
export function fine(value: number | null | undefined, digits = 1): string {
  return known(value) ? (value < 0 ? "\u2212" : "") + grouped(Math.abs(value).toFixed(digits)) : MISSING;
}

/** A value as the register has it, without idle digits. */
export function stored(value: number): string {
  return grouped(String(Number(value.toPrecision(7))));
}

/** A counted value: every digit. */
export function counted(value: number | null | undefined): string {
  return known(value) ? (value < 0 ? "\u2212" : "") + grouped(Math.abs(Math.round(value)).toString()) : MISSING;
}

/** A value with its interval, all three with the digits that the largest of them deserves. */
export function interval(value: number | null | undefined, low?: number | null, high?: number | null): string {
  if (!known(value)) return MISSING;
  if (!known(low) || !known(high)) return figure(value);
  const digits = places(Math.max(Math.abs(value), Math.abs(low), Math.abs(high)));
  const dash = low < 0 ? " … " : "–"; // a dash before a minus sign cannot be read
  return `${written(value, digits)} (${written(low, digits)}${dash}${written(high, digits)})`;
}

/** A share as per cent, without the sign: the sign stands in the header. */
export function percent(value: number | null | undefined): string {
  return known(value) ? figure(value * 100, 1) : MISSING;
}

/** A number inside a sentence: two significant figures, no idle zeros. */
export function rough(value: number | null | undefined): string {
  return known(value) ? String(Number(value.toPrecision(2))) : MISSING;
}

/** Bytes as people say them. */
export function bytesInWords(size: number): string {
  const steps: [number, string][] = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]];
  const step = steps.find(([least]) => size >= least);
  return step ? `${figure(size / step[0])} ${step[1]}` : `${size} B`;
}

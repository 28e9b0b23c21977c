// What a column of a table is, and how rows are ordered and found.
import type { Snippet } from "svelte";

export interface Column<T> {
  key: string;
  label: string;
  unit?: string;
  value: (row: T) => string | number | null | undefined; // for ordering and for the file
  text?: (row: T) => string; // for the eye, when it differs
  title?: (row: T) => string;
  number?: boolean;
  cell?: Snippet<[T]>;
  names?: boolean; // says which row it is: on a phone it heads the row's card; the first column where none does
  sum?: boolean | "count" | ((rows: T[]) => string); // what the last row says of all rows: their sum (of a measure or a count), or words
}

/** What the last row of a table says in a column; "" where nothing can be added. */
export function summed<T>(rows: T[], column: Column<T>, figure: (value: number) => string, counted: (value: number) => string): string {
  if (typeof column.sum === "function") return column.sum(rows);
  if (!column.sum) return "";
  const all = rows.reduce((sum, row) => sum + (Number(column.value(row)) || 0), 0);
  return column.sum === "count" ? counted(all) : figure(all);
}

/** Rows ordered by "key" or "-key"; what is missing comes last. */
export function ordered<T>(rows: T[], columns: Column<T>[], sort: string | undefined): T[] {
  const name = sort?.replace(/^-/, "");
  const column = columns.find((one) => one.key === name);
  if (!column) return rows;
  const sign = sort?.startsWith("-") ? -1 : 1;
  const gone = (value: unknown): boolean => value === null || value === undefined || value === "";
  return rows.toSorted((one, other) => {
    const [a, b] = [column.value(one), column.value(other)];
    if (gone(a) || gone(b)) return Number(gone(a)) - Number(gone(b));
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), "zh-CN", { numeric: true });
  });
}

/** Rows in which every word of the filter stands somewhere. */
export function found<T>(rows: T[], columns: Column<T>[], filter: string | undefined): T[] {
  const words = (filter ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const line = columns.map((column) => `${column.value(row) ?? ""} ${column.text?.(row) ?? ""}`).join(" ").toLowerCase();
    return words.every((word) => line.includes(word));
  });
}

// What is a document that the programme filed called? Who made one by hand finds it under its own name.
import { say } from "../state/texts.svelte";

const TITLES: [RegExp, string][] = [
  [/-report\.(zh|en)\.pdf$/, "report"],
  [/-lists\.(zh|en)\.xlsx$/, "lists"],
  [/^posterior\.parquet$/, "posterior"],
  [/^posterior-areas\.parquet$/, "areas"],
  [/^diagnosis\/placement\.json$/, "placement"],
  [/^endmembers\.csv$/, "members"],
  [/^rules\.json$/, "rules"],
  [/^catalogue\.csv$/, "prices"],
  [/^programme-proof\.parquet$/, "proof"],
  [/^programme-chance\.json$/, "chance"],
  [/^plan-choices\.json$/, "choices"],
  [/^plan-why\.parquet$/, "why"],
  [/^plan-alternatives\//, "alternative"],
  [/^replan\//, "replan"],
  [/^figures\/lists\/surveyed-\d+\.json$/, "surveyed"],
  [/^figures\/lists\/repaired-\d+\.json$/, "repaired"],
  [/^figures\/lists\//, "frozen"],
  [/^problem_rules\.csv$/, "problem_rules"],
  [/^example(-loop)?\.json$/, "example"],
];
// What people take away comes first, what programs read after it.
const FIRST = ["pdf", "docx", "xlsx", "csv"];

/** The title of a document, "" where nobody but its name tells. */
export function titleOf(name: string): string {
  const found = TITLES.find(([pattern]) => pattern.test(name));
  const language = /\.(zh|en)\.\w+$/.exec(name)?.[1];
  return found ? `${say(`page.documents.title_${found[1]}`)}${language ? ` · ${say(`page.documents.in_${language}`)}` : ""}` : "";
}

/** The place of a document in the list: smaller is nearer to the top. */
export function rankOf(name: string): number {
  const place = FIRST.indexOf(name.split(".").at(-1)!.toLowerCase());
  return place < 0 ? FIRST.length : place;
}

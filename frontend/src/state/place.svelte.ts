// Where the reader is. The address holds all of it: a link in a chat opens the same screen.
import { untrack } from "svelte";

export const SCREENS = ["cockpit", "map", "survey", "diagnosis", "plan", "works", "operation", "street", "registers", "documents", "catalogue", "settings"] as const;
export type Screen = (typeof SCREENS)[number];

export interface Where {
  city: string;
  screen: Screen;
  district?: string;
  date?: string; // as of; absent means today
  asset?: string; // type/id
  trace?: "up" | "down";
  view?: string; // longitude/latitude/zoom
  by?: string; // the question that colours the map
  hide?: string; // classes the legend hides
  off?: string; // layers switched off
  base?: string; // "1": the base map is drawn
  ids?: string; // only these of a register; @ and the id of a selection
  filter?: string;
  only?: string; // what of a list is asked of the server, as a query of its own
  sort?: string;
  ask?: "sources" | "plant" | "shut" | "profile" | "path" | "isolate"; // a question to the network, about start
  start?: string; // id
  end?: string; // id, of a profile or a path
  ways?: "all"; // every way of a path, not only the shortest
  columns?: string; // of a register
  group?: string; // by which columns a register is grouped
  tab?: string; // the part of a screen that has several
  row?: string; // the one of a list that is looked at
  known?: "today"; // figures of a past date are counted by what is known today, not by what was known then
  until?: string; // the day that a schedule is counted back from; absent means the milestone
  lang?: "zh" | "en";
  theme?: "light" | "dark";
}

const NAMED = ["district", "date", "asset", "trace", "view", "by", "hide", "off", "base", "ids", "filter", "only", "sort", "ask", "start", "end", "ways", "columns", "group", "tab", "row", "until", "known", "lang", "theme"] as const;
const KEPT = ["lang", "theme"] as const;

function readHash(hash: string): Where {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [city = "", screen = ""] = path.split("/").map(decodeURIComponent);
  const found: Where = { city, screen: (SCREENS as readonly string[]).includes(screen) ? (screen as Screen) : "cockpit" };
  const given = new URLSearchParams(query);
  const loose = found as unknown as Record<string, string>;
  for (const name of NAMED) {
    const value = given.get(name);
    if (value) loose[name] = value;
  }
  for (const name of KEPT) {
    const kept = localStorage.getItem(`wenqu.${name}`);
    if (!loose[name] && kept) loose[name] = kept;
  }
  if (found.lang !== "zh" && found.lang !== "en") delete found.lang;
  if (found.theme !== "light" && found.theme !== "dark") delete found.theme;
  if (found.date && !/^\d{4}-\d\d-\d\d$/.test(found.date)) delete found.date;
  if (found.known !== "today") delete found.known;
  if (found.until && !/^\d{4}-\d\d-\d\d$/.test(found.until)) delete found.until;
  return found;
}

export function writeHash(where: Where): string {
  const query = new URLSearchParams();
  for (const name of NAMED) {
    const value = where[name];
    if (value) query.set(name, value);
  }
  const plain = query.toString().replaceAll("%2F", "/").replaceAll("%2C", ",").replaceAll("%3A", ":");
  return `#/${encodeURIComponent(where.city)}/${where.screen}${plain ? `?${plain}` : ""}`;
}

class Place {
  now: Where = $state.raw(readHash(location.hash));
  lang = $derived(this.now.lang ?? (navigator.languages.some((one) => one.startsWith("zh")) ? "zh" : "en"));
  steps = $state(0); // how often the reader went somewhere; quiet changes of the address do not count
  dim = $state(matchMedia("(prefers-color-scheme: dark)").matches);
  theme = $derived(this.now.theme ?? (this.dim ? "dark" : "light"));

  constructor() {
    addEventListener("hashchange", () => {
      this.now = readHash(location.hash);
      this.steps += 1;
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => (this.dim = event.matches));
  }

  /** Go somewhere. `quietly` leaves no step in the browser's history (map moves, sorting). */
  go(change: Partial<Where>, quietly = false): void {
    const next = { ...this.now, ...change };
    const hash = writeHash(next);
    if (hash === location.hash) return;
    this.now = next;
    if (!quietly) untrack(() => (this.steps += 1));
    for (const name of KEPT) {
      const chosen = change[name];
      if (chosen) localStorage.setItem(`wenqu.${name}`, chosen);
    }
    if (quietly) history.replaceState(null, "", hash);
    else history.pushState(null, "", hash);
  }

  /** The address of a change, for links that can be opened in a new tab. */
  to(change: Partial<Where>): string {
    return writeHash({ ...this.now, ...change });
  }
}

export const place = new Place();

// What waits on the device is sent: in order, files first, again after a break, each thing once by its identity.
import { address, headers, Problem, refusal, under } from "../api/client";
import { key } from "../state/key.svelte";
import { carry, LOCK } from "./carrier";
import { shelf } from "./shelf.svelte";
import { street } from "./street.svelte";
import type { Entry, Sent, Told } from "./shapes";

const PAUSES = [5, 15, 45, 120, 300]; // [s] between tries

async function call(method: "GET" | "POST", path: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path), { method, headers: headers() });
  } catch {
    throw new Problem(0, "unreachable");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

class Sending {
  now = $state(""); // id of the entry on its way
  file = $state(""); // name of the file on its way
  gone = $state(0); // [bytes] of it
  size = $state(0); // [bytes]
  trouble: "" | "unreachable" | "unknown_person" = $state("");
  next = $state(0); // [ms] of the clock: when it is tried again
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    addEventListener("online", () => this.soon());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.soon());
  }

  /** Try at once, whatever the pause. */
  soon = (): void => {
    this.#tries = 0;
    if (street.ready.length) void shelf.promise(); // should the page be closed before it is sent
    void this.run();
  };

  /** Send all that is ready. One page of this device at a time. */
  run = async (): Promise<void> => {
    clearTimeout(this.#timer);
    this.next = 0;
    if (!street.device || !street.ready.length) return;
    if (!navigator.onLine) return void (this.trouble = "unreachable"); // the network says when it is back
    await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
      if (!lock) return this.#later();
      try {
        for (let one = street.ready[0]; one; one = street.ready[0]) await this.#carry(one);
        this.trouble = "";
        this.#tries = 0;
        if (key.away) void key.look(true);
      } catch (fault) {
        if (!(fault instanceof Problem)) throw fault;
        this.trouble = fault.status === 401 ? "unknown_person" : "unreachable";
        if (fault.status !== 401) this.#later();
      } finally {
        this.now = this.file = "";
      }
    });
  };

  #later(): void {
    const pause = PAUSES[Math.min(this.#tries, PAUSES.length - 1)]! * 1000;
    this.#tries += 1;
    this.next = Date.now() + pause;
    this.#timer = setTimeout(() => void this.run(), pause);
  }

  async #carry(one: Entry): Promise<void> {
    this.now = one.id;
    await carry(one, { device: street.device!, root: address(""), headers: headers(), save: (entry) => street.save(entry), going: (name, gone, size) => ([this.file, this.gone, this.size] = [name, gone, size]) });
    this.file = "";
  }

  /** Have done what waits at the office: the reason may be gone. */
  async again(city: string, id: string): Promise<Told> {
    return (await (await call("POST", under(city, `field/entries/${id}/again`))).json()) as Told;
  }

  /** Ask what has become of what waited or was in conflict. */
  async follow(city: string): Promise<void> {
    const open = street.entries.filter((one) => one.city === city && (one.state === "conflict" || one.state === "waits"));
    if (!open.length) return;
    const { entries } = (await (await call("GET", under(city, "field/entries", { mine: "true" }))).json()) as { entries: Sent[] };
    const by = new Map(entries.map((one) => [one.id, one]));
    for (const one of open) {
      const now = by.get(one.id);
      if (now && now.state !== one.state) await street.save({ ...one, state: now.state, problems: now.problems, conflict: now.conflict, answered_at: new Date().toISOString() });
    }
  }
}

export const sending = new Sending();

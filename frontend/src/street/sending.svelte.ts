// What waits on the device is sent: in order, files first, again after a break, each thing once by its identity.
import { address, headers, Problem, refusal, under } from "../api/client";
import { key } from "../state/key.svelte";
import { street } from "./street.svelte";
import type { Entry, Sent, Told } from "./shapes";

const PAUSES = [5, 15, 45, 120, 300]; // [s] between tries

async function call(method: "GET" | "PUT" | "POST", path: string, body?: BodyInit, type = "application/json"): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path), { method, headers: { ...headers(), ...(body === undefined ? {} : { "Content-Type": type }) }, body: body ?? null });
  } catch {
    throw new Problem(0, "unreachable");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

class Sending {
  now = $state(""); // id of the entry on its way
  file = $state(""); // name of the file on its way
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
    void this.run();
  };

  /** Send all that is ready. One page of this device at a time. */
  run = async (): Promise<void> => {
    clearTimeout(this.#timer);
    this.next = 0;
    if (!street.device || !street.ready.length) return;
    if (!navigator.onLine) return void (this.trouble = "unreachable"); // the network says when it is back
    await navigator.locks.request("wenqu-street", { ifAvailable: true }, async (lock) => {
      if (!lock) return this.#later();
      try {
        for (let one = street.ready[0]; one; one = street.ready[0]) await this.#entry(one);
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

  async #entry(given: Entry): Promise<void> {
    this.now = given.id;
    const entry = { ...given, tried: true };
    const { id, city, kind, order, asset, base, written_at, place, body, files } = entry;
    try {
      await this.#files(entry);
      await street.save(entry); // from now on it may have arrived: it is not rewritten
      const sent = JSON.stringify({ kind, order, asset, base, written_at, place, body, files });
      const put = async (): Promise<Told> => (await (await call("PUT", under(city, `field/entries/${id}`), sent)).json()) as Told;
      let told = await put();
      if (told.missing_files?.length) {
        await this.#files(entry);
        told = await put();
        if (told.missing_files?.length) return void (await street.save({ ...entry, tried: false, state: "refused", problems: told.problems }));
      }
      await street.save({ ...entry, state: told.state, problems: told.problems, conflict: told.conflict, answered_at: new Date().toISOString() });
      if (told.state === "entered" || told.state === "already") for (const file of files) await street.release(file.sha256);
    } catch (fault) {
      const final = fault instanceof Problem && fault.status >= 400 && fault.status < 500 && ![401, 408, 429].includes(fault.status);
      if (!final) throw fault;
      await street.save({ ...entry, tried: false, state: "refused", problems: [fault.detail || fault.title || fault.code], answered_at: new Date().toISOString() });
    }
  }

  /** Send those files that the other side does not have. */
  async #files(entry: Entry): Promise<void> {
    const wanted = [...new Set(entry.files.map((file) => file.sha256))];
    if (!wanted.length) return;
    const query = wanted.map((sum) => `sha256=${sum}`).join("&");
    const { missing } = (await (await call("GET", under(entry.city, `field/files?${query}`))).json()) as { missing: string[] };
    for (const sum of missing) {
      const kept = await street.file(sum);
      if (!kept) continue;
      this.file = kept.name;
      await call("PUT", under(entry.city, `field/files/${sum}`), kept.blob, kept.media_type);
    }
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

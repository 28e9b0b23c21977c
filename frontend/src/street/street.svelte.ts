// Work in the street: whose it is, what was taken along, what was written. All of it stands on the device first.
import { readSlowly, under } from "../api/client";
import { key } from "../state/key.svelte";
import { place } from "../state/place.svelte";
import { town } from "../state/town.svelte";
import { CHANNEL, release } from "./carrier";
import { accountsHere, clearDevice, Device, fingerprint, type Kept } from "./device";
import type { Bundle, Entry, FileNote, Role } from "./shapes";

const OWNER = "wenqu.street.account";
const LEFT = new Set<Entry["state"]>(["entered", "already"]);

class Street {
  device: Device | null = $state.raw(null);
  bundles: Bundle[] = $state.raw([]);
  entries: Entry[] = $state.raw([]); // oldest first
  online = $state(navigator.onLine);
  able = isSecureContext && "indexedDB" in globalThis && "serviceWorker" in navigator;
  sealed: { account: string; count: number }[] = $state.raw([]); // of others, unsent
  #told = new BroadcastChannel(CHANNEL);
  #opening: Promise<void> = Promise.resolve();

  bundle = $derived(this.bundles.find((one) => one.city === place.now.city) ?? (place.now.city ? undefined : this.bundles[0]));
  here = $derived(this.entries.filter((one) => one.city === this.bundle?.city));
  unsent = $derived(this.entries.filter((one) => !LEFT.has(one.state) && one.state !== "conflict" && one.state !== "waits"));
  ready = $derived(this.entries.filter((one) => one.state === "ready"));

  constructor() {
    addEventListener("online", () => (this.online = true));
    addEventListener("offline", () => (this.online = false));
    this.#told.onmessage = ({ data }) => {
      if (data !== "cleared") return void this.#look();
      this.device = null;
      this.bundles = this.entries = [];
    };
  }

  /** Open what the one who is here keeps on this device; without a network, what the last one keeps. */
  open(): Promise<void> {
    this.#opening = this.#opening.then(() => this.#open());
    return this.#opening;
  }

  async #open(): Promise<void> {
    if (!this.able) return;
    const last = localStorage.getItem(OWNER) ?? "";
    const signed = key.me && !key.me.visitor ? key.me.account || "local" : "";
    const account = signed || last;
    if (!account || this.device?.account === account) return;
    if (signed) localStorage.setItem(OWNER, signed);
    this.device?.close();
    this.device = null;
    const device = await Device.open(account);
    await this.#look(device);
    this.device = device; // last: who sees the device sees what was written on it
    await this.#seal(account);
  }

  async #look(device = this.device): Promise<void> {
    if (!device) return;
    const [bundles, entries] = await Promise.all([device.all("bundles"), device.all("entries")]);
    this.entries = entries.sort((a, b) => a.begun_at.localeCompare(b.begun_at));
    this.bundles = bundles;
  }

  /** Of who was here before, keep only what was not sent, and show none of it. */
  async #seal(account: string): Promise<void> {
    const found = [];
    for (const other of (await accountsHere()).filter((one) => one !== account)) {
      const theirs = await Device.open(other);
      const count = (await theirs.all("entries")).filter((one) => !LEFT.has(one.state)).length;
      theirs.close();
      if (count) found.push({ account: other, count });
      else await clearDevice(other);
    }
    this.sealed = found;
  }

  async take(body: string, around: string, told: (size: number) => void): Promise<void> {
    const city = place.now.city;
    void navigator.storage.persist();
    const { value, size } = await readSlowly<Bundle>(under(city, "field", { body, around }), told);
    const bundle = { ...value, city, size, around, taken_at: new Date().toISOString(), name: town.city?.name ?? { zh: city, en: city } };
    await this.device!.put("bundles", bundle);
    for (const one of this.entries) if (LEFT.has(one.state) && one.answered_at < bundle.taken_at) await this.device!.drop("entries", one.id);
    await this.#look();
    this.#told.postMessage("taken");
  }

  async leave(city: string): Promise<void> {
    await this.device?.drop("bundles", city);
    await this.#look();
  }

  async save(entry: Entry): Promise<void> {
    if (!this.device) return; // signed out meanwhile
    const without = this.entries.filter((one) => one.id !== entry.id);
    this.entries = [...without, entry].sort((a, b) => a.begun_at.localeCompare(b.begun_at));
    await this.device.put("entries", entry);
    this.#told.postMessage("saved");
  }

  async forget(entry: Entry): Promise<void> {
    this.entries = this.entries.filter((one) => one.id !== entry.id);
    await this.device!.drop("entries", entry.id);
    for (const file of entry.files) await this.release(file.sha256);
    this.#told.postMessage("saved");
  }

  /** Keep a file; the same content is kept once. */
  async keep(blob: Blob, name: string, role: Role): Promise<FileNote> {
    const sha256 = await fingerprint(blob);
    const media_type = blob.type.split(";")[0] || "application/octet-stream";
    const note = { sha256, name, media_type, bytes: blob.size };
    if (!(await this.device!.get("files", sha256))) await this.device!.put("files", { ...note, blob, sent: false });
    return { ...note, role };
  }

  file(sha256: string): Promise<Kept | undefined> {
    return this.device!.get("files", sha256);
  }

  /** Drop a file that no entry needs any more. */
  release(sha256: string): Promise<void> {
    return release(this.device!, sha256);
  }

  /** Leave nothing of the one who was here. */
  async clear(): Promise<void> {
    const account = this.device?.account;
    this.device?.close();
    this.device = null;
    this.bundles = this.entries = [];
    localStorage.removeItem(OWNER);
    this.#told.postMessage("cleared");
    if (account) await clearDevice(account);
  }
}

export const street = new Street();

// The shelf that opens the page without a network: put up once, renewed only when a person says so.
import { LATER } from "./later";

class Shelf {
  behind = "SyncManager" in globalThis; // the browser sends with the page closed
  state: "none" | "filling" | "ready" | "failed" = $state("none");
  fresh: ServiceWorker | null = $state.raw(null); // a newer version that waits to be let in
  #asked = false;

  async put(): Promise<void> {
    if (!("serviceWorker" in navigator) || this.state === "filling" || this.state === "ready") return;
    this.state = navigator.serviceWorker.controller ? "ready" : "filling";
    try {
      const found = await navigator.serviceWorker.register(new URL("worker.js", document.baseURI), { updateViaCache: "none" });
      this.#watch(found);
      await this.#filled(found);
      this.state = "ready";
      addEventListener("online", () => void found.update().catch(() => undefined)); // offline again: next time
    } catch {
      this.state = "failed";
    }
  }

  /** Go on with what was put up before; a page that was never taken along puts up nothing. */
  async look(): Promise<void> {
    if ("serviceWorker" in navigator && (await navigator.serviceWorker.getRegistration())) await this.put();
  }

  #watch(found: ServiceWorkerRegistration): void {
    const look = (): void => void (this.fresh = found.active ? found.waiting : null);
    look();
    found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", look));
    navigator.serviceWorker.addEventListener("controllerchange", () => this.#asked && location.reload());
  }

  /** Wait until a first shelf stands; one that could not be filled is thrown away by the browser. */
  #filled(found: ServiceWorkerRegistration): Promise<void> {
    const first = found.installing ?? found.waiting;
    if (found.active || !first) return Promise.resolve();
    return new Promise((resolve, reject) => {
      first.addEventListener("statechange", () => {
        if (first.state === "activated") resolve();
        if (first.state === "redundant") reject(new Error(first.state));
      });
    });
  }

  /** Have the browser wake the worker when there is a network, though the page is closed; where it offers that. */
  async promise(): Promise<void> {
    const found = (await navigator.serviceWorker?.getRegistration()) as (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } }) | undefined;
    await found?.sync?.register(LATER).catch(() => undefined); // not allowed: it is sent when the page opens
  }

  /** Let the newer version in and open the page anew. What was written stands on the device. */
  renew(): void {
    this.#asked = true;
    this.fresh?.postMessage("take over");
  }
}

export const shelf = new Shelf();

// Work that a screen began itself: followed until it ends, then what follows is done once.
import { send } from "../api/send";
import type { Job } from "../survey/shapes";
import { work } from "./jobs.svelte";

export class OwnJob {
  #id = $state("");
  job = $derived(work.all.find((one) => one.id === this.#id));
  running = $derived(Boolean(this.#id) && (!this.job || this.job.state === "running"));

  /** Follow the work; call it while a component is made. */
  constructor(done: () => void) {
    $effect(() => {
      if (this.job?.state === "done") {
        this.#id = "";
        done();
      }
    });
  }

  begin = async (route: string, asked: unknown = {}): Promise<void> => {
    this.#id = (await send<Job>(route, asked)).id;
    await work.watch();
  };

  cancel = (): Promise<void> => work.cancel(this.#id);
}

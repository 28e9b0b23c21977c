// Work that a screen began itself: followed until it ends, then what follows is done once.
import { send } from "../api/send";
import type { Job } from "../survey/shapes";
import { work } from "./jobs.svelte";

export class OwnJob<Kind extends Job = Job> {
  #id = $state("");
  job = $derived(work.all.find((one) => one.id === this.#id) as Kind | undefined);
  running = $derived(Boolean(this.#id) && (!this.job || this.job.state === "running"));
  stopped = $derived(this.job?.state === "cancelled" || this.job?.state === "interrupted");

  /** Follow the work; call it while a component is made. */
  constructor(done: (job: Kind) => void) {
    $effect(() => {
      if (this.job?.state === "done") {
        const { job } = this;
        this.#id = "";
        done(job);
      }
    });
  }

  begin = async (route: string, asked: unknown = {}): Promise<void> => {
    this.#id = (await send<Kind>(route, asked)).id;
    await work.watch();
  };

  cancel = (): Promise<void> => work.cancel(this.#id);
}

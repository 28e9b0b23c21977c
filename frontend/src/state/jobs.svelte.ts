// The long work that is going on: asked for while something runs, so that any page can show it.
import { read } from "../api/client";
import { send } from "../api/send";
import type { Job } from "../survey/shapes";

const PAUSE = 700; // [ms]

class Work {
  all: Job[] = $state.raw([]);
  #timer: ReturnType<typeof setTimeout> | undefined;
  running = $derived(this.all.filter((job) => job.state === "running"));

  /** Look now, and again as long as anything runs. */
  watch = async (): Promise<void> => {
    clearTimeout(this.#timer);
    try {
      this.all = await read<Job[]>("jobs");
    } catch {
      return; // who may not see jobs sees none
    }
    if (this.running.length) this.#timer = setTimeout(this.watch, PAUSE);
  };

  cancel = async (id: string): Promise<void> => {
    await send(`jobs/${id}/cancel`);
    await this.watch();
  };
}

export const work = new Work();

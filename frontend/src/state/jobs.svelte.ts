// The long work that is going on: asked for while something runs, so that any page can show it.
import { Problem, read } from "../api/client";
import { send } from "../api/send";
import type { Job } from "../survey/shapes";

const PAUSE = 700; // [ms]
const PATIENCE = 3000; // [ms] until a service that does not answer is asked again

class Work {
  all: Job[] = $state.raw([]);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looks = 0; // an answer that a later look has overtaken knows less: a job begun between the two would be lost
  lost = $state(false); // the service does not answer while something runs
  running = $derived(this.all.filter((job) => job.state === "running"));

  /** Look now, and again as long as anything runs. */
  watch = async (): Promise<void> => {
    clearTimeout(this.#timer);
    const look = ++this.#looks;
    try {
      const all = await read<Job[]>("jobs");
      if (look !== this.#looks) return;
      this.all = all;
      this.lost = false;
    } catch (fault) {
      if (look !== this.#looks) return;
      this.lost = this.running.length > 0 && (fault as Problem).code === "unreachable";
      if (this.lost) this.#timer = setTimeout(this.watch, PATIENCE); // what became of the work is told when it is back
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

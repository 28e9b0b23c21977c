// Something that a person does: it runs, and a refusal is kept as a sentence until the next one.
import { Problem } from "../api/client";

export class Deed {
  fault = $state("");
  busy = $state(false);

  /** Do the work, then what follows when it was not refused. */
  async run(work: () => Promise<unknown>, then?: () => void): Promise<void> {
    this.fault = "";
    this.busy = true;
    try {
      await work();
      then?.();
    } catch (problem) {
      this.fault = problem instanceof Problem ? problem.detail || problem.title || problem.code : String(problem);
    } finally {
      this.busy = false;
    }
  }
}

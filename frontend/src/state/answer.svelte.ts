// What the service answered to one question: asked again when the question changes.
import { untrack } from "svelte";
import { Problem, read } from "../api/client";
import { key } from "./key.svelte";
import { place } from "./place.svelte";
import { texts } from "./texts.svelte";

export class Answer<T> {
  value: T | undefined = $state.raw();
  problem: Problem | null = $state.raw(null);
  asking = $state(false);
  #turn = $state(0);

  /** `question` gives the path to ask, or null while there is nothing to ask. Call while a component starts. */
  constructor(question: () => string | null) {
    let before = "";
    const asked = $derived(question()); // an address that changed elsewhere, by a map that moved, is the same question
    $effect(() => {
      const path = asked;
      const stop = new AbortController();
      void [this.#turn, key.turn, texts.language, place.steps]; // ask again for a retry, a new token, another language, a step
      if (path === null) {
        this.value = undefined;
        this.problem = null;
        this.asking = false;
        return;
      }
      const subject = path.split("?")[0] ?? "";
      if (subject !== before) this.value = undefined; // never show one thing's figures under another's name
      before = subject;
      void this.#ask(path, stop.signal);
      return () => stop.abort();
    });
  }

  async #ask(path: string, signal: AbortSignal): Promise<void> {
    this.asking = true;
    this.problem = null;
    try {
      const value = await read<T>(path, signal);
      if (!signal.aborted) this.value = value;
    } catch (fault) {
      if (signal.aborted) return;
      this.value = undefined;
      this.problem = fault instanceof Problem ? fault : new Problem(0, "unreadable");
    } finally {
      if (!signal.aborted) this.asking = false;
    }
  }

  /** Ask once more; an effect that says so does not wait for itself. */
  again = (): void => untrack(() => void (this.#turn += 1));
}

// Every sentence of the page, from the service's message tables.
import { read, type Problem } from "../api/client";
import type { Words } from "../api/shapes";
import { place } from "./place.svelte";

export type Facts = Record<string, string | number>;

class Texts {
  table: Record<string, string> = $state.raw({});
  language: "zh" | "en" = $state("zh");
  ready = $state(false);
  problem: Problem | null = $state.raw(null);

  async fetch(language: "zh" | "en"): Promise<void> {
    try {
      document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
      const table = await read<Record<string, string>>(`messages/${language}`);
      if (place.lang !== language) return;
      this.table = table;
      this.language = language;
      this.problem = null;
      this.ready = true;
    } catch (fault) {
      this.problem = fault as Problem;
    }
  }
}

export const texts = new Texts();

/** The sentence of a key in the language of the page, filled with facts. */
export function say(key: string, facts: Facts = {}): string {
  const sentence = texts.table[key];
  if (sentence === undefined) return key;
  return sentence.replace(/\{(\w+)(?::[^}]*)?\}/g, (_, name: string) => String(facts[name] ?? `[${name}]`));
}

export function has(key: string): boolean {
  return key in texts.table;
}

/** The word of a pair in the language of the page. */
export function word(pair: Words | null | undefined, otherwise = ""): string {
  return pair?.[texts.language] || pair?.zh || pair?.en || otherwise;
}

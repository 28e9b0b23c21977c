// Why a change was made, in words: what a deed is called by the service stands before what its author wrote.
import { has, say } from "./texts.svelte";

const DEED = /^([\w -]+?)(?:: |\s+(?=[^a-z]))(.*)$/s; // "closures: 通告", "payment P-17"
const WHOLE = /^(\w+) ([a-z_]+)$/; // "order repair": what is done to it, in one word

function called(name: string): string {
  const key = name.replaceAll(" ", "_");
  return [`page.why.${key}`, `own_tables.name.${key}`].find(has) ?? "";
}

/** Return a reason as it is read; one that a person wrote stays as it is. */
export function toldWhy(why: string): string {
  if (called(why)) return say(called(why));
  const [, deed = "", rest = ""] = DEED.exec(why) ?? WHOLE.exec(why) ?? [];
  return called(deed) ? say("page.why_of", { deed: say(called(deed)), rest: called(rest) ? say(called(rest)) : rest }) : why;
}

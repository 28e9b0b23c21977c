// One file goes to the service as it is, its share told while it goes; it can be called off.
import { address, headers, Problem } from "../api/client";
import { has, say } from "../state/texts.svelte";

export interface Going { done: Promise<void>; stop: () => void }

export function sent(path: string, file: File, told: (bytes: number) => void): Going {
  const request = new XMLHttpRequest();
  const done = new Promise<void>((kept, failed) => {
    request.open("POST", address(path));
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => told(event.loaded);
    request.onerror = () => failed(new Problem(0, "unreachable"));
    request.onabort = () => failed(new Problem(0, "cancelled"));
    request.onload = () => {
      if (request.status < 300) return kept();
      try {
        const body = JSON.parse(request.responseText) as { title?: string; detail?: string; code?: string };
        failed(new Problem(request.status, body.code ?? "unknown", body.title ?? "", body.detail ?? ""));
      } catch {
        failed(new Problem(request.status, "unreadable"));
      }
    };
    request.send(file);
  });
  return { done, stop: () => request.abort() };
}

/** What a refusal says, in a sentence and what to do next; never a code alone. */
export function inWords(problem: Problem): string {
  if (problem.detail) return problem.detail;
  const own = has(`page.refused.${problem.code}`) ? `page.refused.${problem.code}` : "page.refused.other";
  return [problem.title || say(own), has(`${own}_next`) ? say(`${own}_next`) : ""].filter(Boolean).join(" · ");
}

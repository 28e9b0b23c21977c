// What is asked to be done: one way to send, the refusals as everywhere.
import { address, headers, refusal, Problem } from "./client";
import { key } from "../state/key.svelte";

async function post(path: string, body: BodyInit | null, kind: Record<string, string>): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(address(path), { method: "POST", headers: { ...headers(), ...kind }, body });
  } catch {
    throw new Problem(0, "unreachable");
  }
  if (response.status === 401) key.wanted = true;
  if (!response.ok) throw await refusal(response);
  return response.json();
}

export async function send<T>(path: string, body: unknown = {}): Promise<T> {
  return (await post(path, JSON.stringify(body), { "Content-Type": "application/json" })) as T;
}

/** Hand in one file as it is. */
export async function upload<T>(path: string, file: File): Promise<T> {
  return (await post(path, file, {})) as T;
}

export async function hand<T>(path: string, files: File[]): Promise<T> {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  return (await post(path, form, {})) as T;
}

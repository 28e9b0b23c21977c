// One way to ask the service, and one shape for its refusals (RFC 9457).
import { key } from "../state/key.svelte";
import { Problem, refusal } from "./problem";

export { Problem, refusal };

const ROOT = new URL("api/v1/", document.baseURI).href;

export function address(path: string): string {
  return ROOT + path;
}

export function headers(): Record<string, string> {
  return { "Accept-Language": document.documentElement.lang || "zh-CN" };
}

async function ask(path: string, signal?: AbortSignal, more: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path), { ...more, headers: { ...headers(), ...more.headers }, signal: signal ?? null });
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    throw new Problem(0, "unreachable");
  }
  if (response.status === 401 && path !== "sign-in") key.wanted = true;
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await ask(path, signal)).json()) as T;
}

/** Read something large and tell how many bytes have come. */
export async function readSlowly<T>(path: string, told: (size: number) => void): Promise<{ value: T; size: number }> {
  const response = await ask(path);
  const parts: BlobPart[] = [];
  let size = 0;
  for (const reader = response.body!.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    told((size += value.length));
  }
  return { value: JSON.parse(await new Blob(parts).text()) as T, size };
}

/** Send something and read the answer. */
export async function send<T>(path: string, body: unknown): Promise<T> {
  return (await write<T>("POST", path, body)) as T;
}

export async function bytes(path: string): Promise<Blob> {
  return (await ask(path)).blob();
}

/** Write something; the answer's content, null when it has none. */
export async function write<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T | null> {
  const more = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const response = await ask(path, undefined, more);
  return response.status === 204 ? null : ((await response.json()) as T);
}

/** A path under one city, with the parameters that are set; `as_of` is the day looked back to. */
export function under(city: string, rest: string, parameters: Record<string, string | undefined> = {}): string {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const query = new URLSearchParams(given).toString();
  return `cities/${encodeURIComponent(city)}/${rest}${query ? `?${query}` : ""}`;
}

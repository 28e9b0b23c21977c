// How a change is sent: one POST, refused in the one shape of every refusal.
import { address, headers, Problem } from "../api/client";

export async function send<T>(path: string, body: object | Blob): Promise<T> {
  const file = body instanceof Blob;
  const said = { ...headers(), "Content-Type": file ? body.type || "application/octet-stream" : "application/json" };
  let response: Response;
  try {
    response = await fetch(address(path), { method: "POST", headers: said, body: file ? body : JSON.stringify(body) });
  } catch {
    throw new Problem(0, "unreachable");
  }
  const answer = (await response.json().catch(() => ({}))) as Record<string, string>;
  if (!response.ok) throw new Problem(response.status, answer.code ?? "unreadable", answer.title ?? "", answer.detail ?? "");
  return answer as T;
}

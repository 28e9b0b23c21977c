// Files go to the server before the step that names them: what a step names is there.
import { headers, refusal, Problem, address, under } from "../api/client";

export async function keepProofs(city: string, id: string, files: File[]): Promise<string[]> {
  const kept: string[] = [];
  for (const file of files) {
    let response: Response;
    try {
      response = await fetch(address(under(city, `problems/${encodeURIComponent(id)}/files`, { name: file.name })), { method: "POST", headers: headers(), body: file });
    } catch {
      throw new Problem(0, "unreachable");
    }
    if (!response.ok) throw await refusal(response);
    kept.push(((await response.json()) as { evidence: string }).evidence);
  }
  return kept;
}

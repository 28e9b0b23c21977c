// Files go to the server before the step or proof that names them: what is named is there.
import { under } from "../api/client";
import { upload } from "../api/send";

/** Keep files with a problem or a project and return how each is named. */
export async function keepProofs(city: string, home: string, files: File[]): Promise<string[]> {
  const kept: string[] = [];
  for (const file of files) kept.push((await upload<{ evidence: string }>(under(city, `${home}/files`, { name: file.name }), file)).evidence);
  return kept;
}

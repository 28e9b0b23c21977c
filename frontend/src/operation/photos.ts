// Photos go to the server before the report that names them: what a report names is there.
import { address, under } from "../api/client";
import { upload } from "../api/send";

const NAMED = /^field:([0-9a-f]{64})\/(.+)$/;

export async function keepPhotos(city: string, files: File[]): Promise<string[]> {
  const kept: string[] = [];
  for (const file of files) kept.push((await upload<{ named: string }>(under(city, "field/files", { name: file.name }), file)).named);
  return kept;
}

/** Where a photo is shown from and how it is called; no address for one that is only a name. */
export function photo(city: string, named: string): { src: string; name: string } {
  const [, digest = "", name = named] = NAMED.exec(named) ?? [];
  return { src: digest ? address(under(city, `field/files/${digest}`)) : "", name };
}

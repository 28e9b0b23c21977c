// One entry goes from the device to the service: its files first, in pieces, then itself. The page and the worker
// behind it both carry in this way; neither a window nor a screen is needed.
import { Problem, refusal } from "../api/problem";
import type { Device } from "./device";
import type { Entry, Told } from "./shapes";

export const LOCK = "wenqu-street"; // one hand of this device sends at a time
export const CHANNEL = "wenqu-street"; // on which it is told that something was written
const PIECE = 262_144; // bytes: what a cut costs at most
const LEFT = new Set<Entry["state"]>(["entered", "already"]);

export interface Hand {
  device: Device;
  root: string; // where the service's interface lies
  headers: Record<string, string>;
  save: (entry: Entry) => Promise<void>;
  going?: (name: string, gone: number, size: number) => void; // bytes of the file on its way
}

async function call(hand: Hand, method: "GET" | "PUT", path: string, body?: BodyInit, type = "application/json"): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(hand.root + path, { method, headers: { ...hand.headers, ...(body === undefined ? {} : { "Content-Type": type }) }, body: body ?? null });
  } catch {
    throw new Problem(0, "unreachable");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

const under = (entry: Entry, rest: string): string => `cities/${encodeURIComponent(entry.city)}/field/${rest}`;

/** Send one entry and write down what the service said; what may work later is thrown. */
export async function carry(given: Entry, hand: Hand): Promise<void> {
  const entry = { ...given, tried: true };
  const { id, kind, order, asset, base, written_at, place, body, files } = entry;
  try {
    await sendFiles(entry, hand);
    await hand.save(entry); // from now on it may have arrived: it is not rewritten
    const sent = JSON.stringify({ kind, order, asset, base, written_at, place, body, files });
    const put = async (): Promise<Told> => (await (await call(hand, "PUT", under(entry, `entries/${id}`), sent)).json()) as Told;
    let told = await put();
    if (told.missing_files?.length) {
      await sendFiles(entry, hand);
      told = await put();
      if (told.missing_files?.length) return void (await hand.save({ ...entry, tried: false, state: "refused", problems: told.problems }));
    }
    await hand.save({ ...entry, state: told.state, problems: told.problems, conflict: told.conflict, answered_at: new Date().toISOString() });
    if (LEFT.has(told.state)) for (const file of files) await release(hand.device, file.sha256);
  } catch (fault) {
    const final = fault instanceof Problem && fault.status >= 400 && fault.status < 500 && ![401, 408, 429].includes(fault.status);
    if (!final) throw fault;
    await hand.save({ ...entry, tried: false, state: "refused", problems: [fault.detail || fault.title || fault.code], answered_at: new Date().toISOString() });
  }
}

/** Send those files that the other side does not have, each from the byte where it was cut. */
async function sendFiles(entry: Entry, hand: Hand): Promise<void> {
  const wanted = [...new Set(entry.files.map((file) => file.sha256))];
  if (!wanted.length) return;
  const query = wanted.map((sum) => `sha256=${sum}`).join("&");
  const { missing, begun } = (await (await call(hand, "GET", under(entry, `files?${query}`))).json()) as { missing: string[]; begun?: Record<string, number> };
  for (const sum of missing) {
    const kept = await hand.device.get("files", sum);
    if (!kept) continue;
    const { blob, name } = kept;
    let gone = Math.min(begun?.[sum] ?? 0, blob.size);
    while (gone < blob.size) {
      hand.going?.(name, gone, blob.size);
      const piece = blob.slice(gone, gone + PIECE);
      await call(hand, "PUT", under(entry, `files/${sum}/pieces/${gone}?size=${blob.size}`), piece, "application/octet-stream");
      gone += piece.size;
    }
    hand.going?.(name, gone, blob.size);
  }
}

/** Drop a file that no entry needs any more. */
export async function release(device: Device, sha256: string): Promise<void> {
  const entries = await device.all("entries");
  const needed = entries.some((one) => !LEFT.has(one.state) && one.files.some((file) => file.sha256 === sha256));
  if (!needed) await device.drop("files", sha256);
}

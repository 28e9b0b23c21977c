// One entry while it is written: kept on the device with every letter, until it is finished or thrown away.
import { sending } from "./sending.svelte";
import { street } from "./street.svelte";
import type { Entry, Kind } from "./shapes";

/** The moment with the zone of the clock on the wall. */
export function stamp(now = new Date()): string {
  const off = -now.getTimezoneOffset();
  const two = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, "0");
  return `${new Date(now.getTime() + off * 60_000).toISOString().slice(0, 19)}${off < 0 ? "-" : "+"}${two(off / 60)}:${two(Math.abs(off) % 60)}`;
}

export function blank(kind: Kind, city: string, order: string, asset: string, base: number, body: object): Entry {
  return {
    id: crypto.randomUUID(), city, kind, order, asset, base, written_at: "", place: [], files: [], body: body as Record<string, unknown>,
    state: "draft", begun_at: new Date().toISOString(), tried: false, answered_at: "", problems: [], conflict: null,
  };
}

export function begun(kind: Kind, order: string, asset: string): Entry | undefined {
  return street.here.find((one) => one.state === "draft" && one.kind === kind && one.order === order && one.asset === asset);
}

/** What is being recorded, by entry: to be called, and waited for, before the entry is finished or thrown away. */
export const recordings = new Map<string, () => Promise<void>>();

/** Go on with what was begun, or begin. Call while a component starts. */
export function draftOf(fresh: Entry): { entry: Entry; finish: () => Promise<void>; forget: () => Promise<void> } {
  const found = begun(fresh.kind, fresh.order, fresh.asset);
  const entry: Entry = $state(structuredClone(found ?? fresh));
  let last = JSON.stringify(entry);
  let gone = false;
  $effect(() => {
    const now = $state.snapshot(entry) as Entry;
    const text = JSON.stringify(now);
    if (gone || text === last) return;
    last = text;
    void street.save(now);
  });
  return {
    entry,
    finish: async () => {
      await recordings.get(entry.id)?.();
      gone = true;
      await street.save({ ...($state.snapshot(entry) as Entry), state: "ready", written_at: stamp() });
      sending.soon();
    },
    forget: async () => {
      await recordings.get(entry.id)?.();
      gone = true;
      await street.forget($state.snapshot(entry) as Entry);
    },
  };
}

// What one person keeps on this device, in IndexedDB: what was taken along, what was written, and files.
// A write is answered only when the device has it on its disk: a page that is killed loses nothing.
import type { Bundle, Entry, FileNote } from "./shapes";

export interface Kept extends Omit<FileNote, "role"> { blob: Blob; sent: boolean }
interface Stores { bundles: Bundle; entries: Entry; files: Kept }
const FORMAT = 1;
const PREFIX = "wenqu-street ";
const KEYS: Record<keyof Stores, string> = { bundles: "city", entries: "id", files: "sha256" };

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class Device {
  private constructor(readonly account: string, private readonly db: IDBDatabase) {}

  static async open(account: string): Promise<Device> {
    const asked = indexedDB.open(PREFIX + account, FORMAT);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(KEYS)) if (!asked.result.objectStoreNames.contains(name)) asked.result.createObjectStore(name, { keyPath });
    };
    const db = await done(asked);
    db.onversionchange = () => db.close(); // another page clears or renews it
    return new Device(account, db);
  }

  all<N extends keyof Stores>(name: N): Promise<Stores[N][]> {
    return done(this.db.transaction(name).objectStore(name).getAll() as IDBRequest<Stores[N][]>);
  }

  get<N extends keyof Stores>(name: N, key: string): Promise<Stores[N] | undefined> {
    return done(this.db.transaction(name).objectStore(name).get(key) as IDBRequest<Stores[N] | undefined>);
  }

  put<N extends keyof Stores>(name: N, value: Stores[N]): Promise<void> {
    return this.#write(name, (store) => store.put(value));
  }

  drop(name: keyof Stores, key: string): Promise<void> {
    return this.#write(name, (store) => store.delete(key));
  }

  #write(name: keyof Stores, act: (store: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const change = this.db.transaction(name, "readwrite", { durability: "strict" });
      change.oncomplete = () => resolve();
      change.onabort = change.onerror = () => reject(change.error);
      act(change.objectStore(name));
    });
  }

  close(): void {
    this.db.close();
  }
}

/** Remove all that an account kept here. */
export function clearDevice(account: string): Promise<unknown> {
  return done(indexedDB.deleteDatabase(PREFIX + account));
}

/** The accounts that kept something here. */
export async function accountsHere(): Promise<string[]> {
  const found = (await indexedDB.databases?.()) ?? [];
  return found.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []));
}

export async function fingerprint(blob: Blob): Promise<string> {
  const sum = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The shelf of the page on a device: what the page is made of, kept so that it opens with the network cut.
// It also sends what is ready when the page is closed, where the browser wakes it for that.
// It holds nothing of any person or city; orders, map extract and entries stand in IndexedDB (street/device.ts).
import { LATER, sendLater } from "../src/street/later"; // built, it is one plain script
declare const self: ServiceWorkerGlobalScope;

const VERSION = "__VERSION__"; // both are written in when the page is built (vite.config.ts)
const FILES = JSON.parse("__FILES__") as string[];
const WORDS = ["api/v1/messages/zh", "api/v1/messages/en", "api/v1/schema"]; // no secrets: sentences and names
const PATIENCE = 3000; // [ms] a bad network is as none
const ROOT = new URL(self.registration.scope);
const FAMILY = `wenqu-shelf ${ROOT.pathname} `;
const SHELF = FAMILY + VERSION;
const at = (path: string): string => new URL(path, ROOT).href;
const known = new Set(FILES.map(at));
const words = new Set(WORDS.map(at));

/** Take what did not change from the shelf before; fetch the rest. All or nothing: a half shelf opens nothing. */
async function fill(): Promise<void> {
  const shelf = await caches.open(SHELF);
  await Promise.all(
    [...FILES, ...WORDS].map(async (path) => {
      const named = /-[\w-]{8}\.\w+$/.test(path); // the name says the content
      const before = named ? await caches.match(at(path)) : undefined;
      const answer = before ?? (await fetch(at(path), { cache: named ? "default" : "reload" }));
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      await shelf.put(at(path), answer);
    }),
  );
}

async function clear(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(FAMILY) && name !== SHELF).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function shelved(url: string, request: Request): Promise<Response> {
  const shelf = await caches.open(SHELF);
  return (await shelf.match(url)) ?? fetch(request);
}

/** The page itself comes from the shelf. Its policy is a header that settings change: it is looked up behind the reader's back. */
async function page(event: FetchEvent): Promise<Response> {
  const entry = at("index.html");
  const shelf = await caches.open(SHELF);
  const kept = await shelf.match(entry);
  if (!kept) return fetch(event.request);
  const before = await kept.clone().text();
  const look = async (): Promise<void> => {
    const now = await fetch(entry, { cache: "no-cache" });
    if (now.ok && (await now.clone().text()) === before) await shelf.put(entry, now); // another page is another version
  };
  event.waitUntil(look().catch(() => undefined)); // no network: as it stood
  return kept;
}

/** The newest words when the network is quick, else those on the shelf. */
async function spoken(request: Request): Promise<Response> {
  const shelf = await caches.open(SHELF);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok) await shelf.put(request.url, answer.clone());
    return answer;
  } catch (fault) {
    const kept = await shelf.match(request.url);
    if (kept) return kept;
    throw fault;
  }
}

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(clear()));
self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting(); // only when a person says so
  if (event.data === "version") event.ports[0]?.postMessage(VERSION);
});
const woken = (event: ExtendableEvent & { tag: string }): void => {
  if (event.tag === LATER) event.waitUntil(sendLater(at("api/v1/"))); // refused, the browser comes again
};
self.addEventListener("sync", woken as unknown as EventListener);
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const plain = url.origin + url.pathname;
  if (request.method !== "GET" || url.origin !== ROOT.origin) return;
  if (plain === ROOT.href || plain === at("index.html")) event.respondWith(page(event));
  else if (known.has(request.url)) event.respondWith(shelved(request.url, request));
  else if (words.has(request.url)) event.respondWith(spoken(request));
});

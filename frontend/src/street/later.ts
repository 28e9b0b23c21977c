// What the worker does when the browser says that there is a network: all that is ready of who has signed in is sent.
import { carry, CHANNEL, LOCK } from "./carrier";
import { accountsHere, Device } from "./device";

export const LATER = "wenqu-street"; // the tag of the promise

interface Who { account: string; visitor: boolean }

/** Send what is ready. Whoever fails throws: the browser tries again. `root` is where the interface lies. */
export async function sendLater(root: string): Promise<void> {
  const answer = await fetch(`${root}me`);
  if (!answer.ok) return; // nobody has signed in: it waits for its writer
  const me = (await answer.json()) as Who;
  const account = me.account || "local";
  if (me.visitor || !(await accountsHere()).includes(account)) return;
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (!lock) throw new Error("a page is sending"); // should it fail and be closed, the browser comes again
    await sendAll(root, account);
  });
}

async function sendAll(root: string, account: string): Promise<void> {
  const device = await Device.open(account);
  const told = new BroadcastChannel(CHANNEL);
  try {
    const ready = (await device.all("entries")).filter((one) => one.state === "ready").sort((a, b) => a.begun_at.localeCompare(b.begun_at));
    for (const { id } of ready) {
      const one = await device.get("entries", id); // it may have been taken back meanwhile
      if (one?.state !== "ready") continue;
      await carry(one, { device, root, headers: { "Accept-Language": navigator.language }, save: async (entry) => (await device.put("entries", entry), told.postMessage("saved")) });
    }
  } finally {
    told.close();
    device.close();
  }
}

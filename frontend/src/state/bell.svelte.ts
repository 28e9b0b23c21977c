// Somebody has just brought an emergency: whoever lists alarms looks again.
import { untrack } from "svelte";

class Bell {
  turn = $state(0);
  /** An effect that rings does not wait for itself. */
  ring(): void {
    untrack(() => (this.turn += 1));
  }
}
export const bell = new Bell();

// The token that opens a guarded service; kept for this browser tab only.
const NAME = "wenqu.token";

class Key {
  token = $state(sessionStorage.getItem(NAME) ?? "");
  wanted = $state(false);
  turn = $state(0); // counts tokens given, so that what was refused is asked again

  give(token: string): void {
    this.token = token.trim();
    sessionStorage.setItem(NAME, this.token);
    this.wanted = false;
    this.turn += 1;
  }
}

export const key = new Key();

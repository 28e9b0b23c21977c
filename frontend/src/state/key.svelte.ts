// Who has signed in. The session is a cookie that scripts cannot read; here is only what the service says.
export interface Me {
  account: string;
  title: string;
  visitor: boolean;
  local: boolean;
  must_change: boolean;
  administers: boolean;
  elsewhere: boolean; // the city has a sign-in of its own
  cities: Record<string, { actions: string[]; partial: boolean }>;
  roles: Record<string, { zh: string; en: string }>;
}

class Key {
  me: Me | null = $state.raw(null);
  wanted = $state(false); // something was refused to a visitor, or signing in was asked for
  away = $state(false); // the service cannot be reached: nobody knows who is here
  turn = $state(0); // counts sign-ins and sign-outs, so that what was refused is asked again

  /** Whether the reader may do something in a city, or in a part of it. */
  may(action: string, city: string): boolean {
    return Boolean(this.me?.local || this.me?.cities[city]?.actions.includes(action));
  }

  /** Ask anew who is here; after a sign-in everything else is asked anew too. */
  async look(changed = false): Promise<void> {
    let answer: Response;
    try {
      answer = await fetch(new URL("api/v1/me", document.baseURI));
    } catch {
      this.away = true;
      return;
    }
    this.me = answer.ok ? ((await answer.json()) as Me) : null;
    this.away = false;
    if (this.me?.must_change) this.wanted = true;
    else if (changed) this.wanted = false;
    if (changed) this.turn += 1;
  }
}

export const key = new Key();

/** What was asked for from outside the window. It is shown; doing it is the person's. */
import type { Wanted } from './agent.svelte';
import type { Problem } from './problem';
import { address } from './route.svelte';

class Asked {
  /** Where to log in, an https address. */
  login = $state<string | null>(null);
  /** Why nothing can be done about it. */
  problem = $state.raw<Problem | null>(null);

  show(wanted: Wanted): void {
    this.login = wanted.wanted === 'login' ? wanted.address : null;
    this.problem = wanted.wanted === 'refused' ? wanted.problem : null;
    location.hash = address('login');
  }

  /** The person has seen it, and chose something. */
  forget(): void {
    this.login = null;
    this.problem = null;
  }
}

export const wanted = new Asked();

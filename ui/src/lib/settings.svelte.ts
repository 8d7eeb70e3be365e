/**
 * How windows look, as the agent keeps it. A copy stands in the web view for the first picture, until
 * the agent has spoken.
 */
import { ask, type Steps } from './agent.svelte';
import type { Look } from './generated/protocol';
import type { Language } from './languages';
import { read } from './look';
import { words } from './words.svelte';

const KEPT = 'settings';

class Settings {
  chosen = $state.raw<Look>(read(localStorage.getItem(KEPT)));
  /** The system's language, as the shell says it. */
  system = $state<Language>('bg');

  #dark = window.matchMedia?.('(prefers-color-scheme: dark)');
  #contrast = window.matchMedia?.('(prefers-contrast: more)');

  constructor() {
    for (const wish of [this.#dark, this.#contrast]) {
      wish?.addEventListener('change', () => this.apply());
    }
  }

  /** As the agent says it is. */
  follow(look: Look): void {
    this.chosen = look;
    localStorage.setItem(KEPT, JSON.stringify(look));
    this.apply();
  }

  /** Has the agent keep it; where it cannot, everything stays as it was. */
  choose<K extends keyof Look>(steps: Steps, what: K, value: Look[K]): Promise<void> {
    return ask.set(steps, { setting: 'look', ...this.chosen, [what]: value });
  }

  apply(): void {
    const { language, text, theme, contrast } = this.chosen;
    words.language = language ?? this.system;
    const page = document.documentElement;
    page.lang = words.language;
    page.dataset['text'] = text;
    page.dataset['theme'] = theme === 'system' ? (this.#dark?.matches ? 'dark' : 'light') : theme;
    const high = contrast === 'high' || this.#contrast?.matches === true;
    page.dataset['contrast'] = high ? 'high' : 'normal';
  }
}

export const settings = new Settings();

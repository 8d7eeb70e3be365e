/** What a person chose for this window. It is kept by the web view, on this computer. */
import { languages, words, type Language } from './words.svelte';

export const textSizes = ['normal', 'large', 'larger', 'largest'] as const;
export const themes = ['system', 'light', 'dark'] as const;
export const contrasts = ['system', 'high'] as const;
export const sounds = ['off', 'on'] as const;
export const languageChoices = ['system', ...languages] as const;

export interface Chosen {
  language: (typeof languageChoices)[number];
  text: (typeof textSizes)[number];
  theme: (typeof themes)[number];
  contrast: (typeof contrasts)[number];
  sound: (typeof sounds)[number];
}

const KEPT = 'settings';
const unchosen: Chosen = {
  language: 'system',
  text: 'normal',
  theme: 'system',
  contrast: 'system',
  sound: 'off',
};

function isOneOf<T extends string>(all: readonly T[], value: unknown): value is T {
  return all.some((one) => one === value);
}

/** What was kept; whatever of it cannot be read is as if it had not been chosen. */
export function read(kept: string | null): Chosen {
  let found: Partial<Record<keyof Chosen, unknown>> = {};
  try {
    found = Object(JSON.parse(kept ?? '{}'));
  } catch {
    // As if nothing were kept.
  }
  return {
    language: isOneOf(languageChoices, found.language) ? found.language : unchosen.language,
    text: isOneOf(textSizes, found.text) ? found.text : unchosen.text,
    theme: isOneOf(themes, found.theme) ? found.theme : unchosen.theme,
    contrast: isOneOf(contrasts, found.contrast) ? found.contrast : unchosen.contrast,
    sound: isOneOf(sounds, found.sound) ? found.sound : unchosen.sound,
  };
}

class Settings {
  chosen = $state<Chosen>(read(localStorage.getItem(KEPT)));
  /** The system's language, as the shell says it. */
  system = $state<Language>('bg');

  #dark = window.matchMedia?.('(prefers-color-scheme: dark)');
  #contrast = window.matchMedia?.('(prefers-contrast: more)');

  constructor() {
    for (const wish of [this.#dark, this.#contrast]) {
      wish?.addEventListener('change', () => this.apply());
    }
  }

  choose<K extends keyof Chosen>(what: K, value: Chosen[K]): void {
    this.chosen[what] = value;
    localStorage.setItem(KEPT, JSON.stringify(this.chosen));
    this.apply();
  }

  apply(): void {
    const { language, text, theme, contrast } = this.chosen;
    words.language = language === 'system' ? this.system : language;
    const page = document.documentElement;
    page.lang = words.language;
    page.dataset['text'] = text;
    page.dataset['theme'] = theme === 'system' ? (this.#dark?.matches ? 'dark' : 'light') : theme;
    const high = contrast === 'high' || this.#contrast?.matches === true;
    page.dataset['contrast'] = high ? 'high' : 'normal';
  }
}

export const settings = new Settings();

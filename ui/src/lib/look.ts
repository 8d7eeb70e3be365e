/** How windows look: what can be chosen, and what was. */
import type { Look } from './generated/protocol';
import { languages } from './languages';

/** What can be chosen, in the order in which it is shown; `null`: as the computer has it. */
const choices = {
  language: [null, ...languages],
  text: ['normal', 'large', 'larger', 'largest'],
  theme: ['system', 'light', 'dark'],
  contrast: ['system', 'high'],
  keypad: ['ordered', 'shuffled'],
  sound: [false, true],
} as const satisfies { [K in keyof Look]: readonly Look[K][] };

export const unchosen: Look = {
  language: null,
  text: 'normal',
  theme: 'system',
  contrast: 'system',
  keypad: 'ordered',
  sound: false,
};

/** The choices of one. */
export const offered = <K extends keyof Look>(what: K): readonly Look[K][] =>
  (choices as { [L in keyof Look]: readonly Look[L][] })[what];

function one<K extends keyof Look>(what: K, found: Record<string, unknown>): Look[K] {
  const all = offered(what);
  return all.find((value) => value === found[what]) ?? unchosen[what];
}

/** What was kept; whatever of it cannot be read is as if it had not been chosen. */
export function read(kept: string | null): Look {
  let found: Record<string, unknown> = {};
  try {
    found = Object(JSON.parse(kept ?? '{}'));
  } catch {
    // As if nothing were kept.
  }
  return {
    language: one('language', found),
    text: one('text', found),
    theme: one('theme', found),
    contrast: one('contrast', found),
    keypad: one('keypad', found),
    sound: one('sound', found),
  };
}

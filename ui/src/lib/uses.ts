/** What the keys were used for, in words. */
import { explain, presentable } from './problem';
import type { KeyUse } from './generated/protocol';
import { moment, t, word } from './words.svelte';

/** The last part of a program's path: what people call it. */
export const programName = (path: string): string =>
  presentable(path.split(/[/\\]/).at(-1) ?? path);

/** Who it was for: the server, else the program. */
export function whoOf(use: KeyUse): string {
  if (use.server) return presentable(use.server);
  return use.program ? programName(use.program) : t('program-unnamed');
}

export const cardOf = (use: KeyUse): string =>
  use.practice
    ? `${use.card ?? ''} ${t('practice-mark')}`.trim()
    : (use.card ?? word('word-unknown'));

export const resultOf = (use: KeyUse): string =>
  use.failure ? explain(use.failure).what : word('use-signed');

/** All that is said of a use, in this order. */
export const said = (use: KeyUse): string[] => [
  moment(use.time),
  word(`use-${use.what}`),
  whoOf(use),
  use.program ? presentable(use.program) : '',
  word(`role-${use.role}`),
  cardOf(use),
  resultOf(use),
];

/** The uses in which these words stand, all of them. */
export function found(uses: KeyUse[], words: string): KeyUse[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/);
  return uses.filter((use) => {
    const text = said(use).join(' ').toLocaleLowerCase();
    return wanted.every((one) => text.includes(one));
  });
}

/** A list for whoever wants to look at it elsewhere: a line each, its parts apart by tabs. */
export function listed(uses: KeyUse[]): string {
  const lines = uses.map((use) => [use.time, ...said(use), use.certificate].join('\t'));
  return [t('uses-title'), ...lines, ''].join('\n');
}

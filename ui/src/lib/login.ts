/** Where one logs in, and what is said there, as a person can read it. */
import { presentable } from './problem';
import type { LoginOutcome } from './generated/protocol';

/** An https address, from what a person writes: its beginning may be left out. */
export function addressOf(written: string): string | null {
  const text = written.trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (text === '' || /\s/.test(text) || !URL.canParse(whole)) return null;
  const url = new URL(whole);
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : null;
}

/** The server in an address: its name, and its port where that is not 443. */
export const serverOf = (address: string): string => new URL(address).host;

/** Most characters of an answer that are shown. */
const LONGEST = 4000;

/** What a server said, without what would turn a text around; a page without its tags. */
export function answerOf(outcome: LoginOutcome): string {
  const page = /html/i.test(outcome.content_type ?? '') ? textOf(outcome.body) : outcome.body;
  const lines = page.split(/\r?\n/).map((line) => presentable(line).trimEnd());
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
    .slice(0, LONGEST);
}

/** The words of a page. Nothing of it is run or fetched: it never becomes part of this one. */
function textOf(page: string): string {
  const read = new DOMParser().parseFromString(page, 'text/html');
  read.querySelectorAll('script, style, noscript, template').forEach((one) => one.remove());
  return [read.title, read.body.textContent].join('\n');
}

/** The steps of a login, without the one in which the person was asked. */
export const stepsOf = ({ timings }: LoginOutcome): LoginOutcome['timings'] =>
  timings.filter((one) => one.step !== 'ask-holder');

/** Seconds that they took. */
export const secondsOf = (outcome: LoginOutcome): number =>
  stepsOf(outcome).reduce((sum, one) => sum + one.milliseconds, 0) / 1000;

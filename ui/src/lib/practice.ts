/** What the practice service answers. */
import type { LoginOutcome } from './generated/protocol';
import type { Problem } from './problem';

/** The greeting of its page. Nothing of the page is run or shown as a page. */
export function greeting(outcome: LoginOutcome): string {
  const page = new DOMParser().parseFromString(outcome.body, 'text/html');
  return page.querySelector('h1')?.textContent.trim() ?? '';
}

/** Why it let nobody in, a problem document (RFC 9457) with a code; `null` where it did. */
export function refusal(outcome: LoginOutcome): Problem | null {
  if (outcome.status === 200) return null;
  return { code: codeOf(outcome.body) ?? 'problem-unknown' };
}

function codeOf(body: string): string | null {
  try {
    const said: unknown = JSON.parse(body);
    return typeof said === 'object' && said !== null && 'code' in said ? String(said.code) : null;
  } catch {
    return null;
  }
}

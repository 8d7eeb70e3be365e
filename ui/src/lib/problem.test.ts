import { afterEach, describe, expect, it } from 'vitest';
import { explain, presentable } from './problem';
import { words } from './words.svelte';

afterEach(() => (words.language = 'bg'));

describe('a problem', () => {
  it('is told by what happened and what to do, in the words of the window', () => {
    words.language = 'en';
    const said = explain({ code: 'wrong-pin', tries_left: 1 });
    expect(said.what).toBe('The PIN is wrong. One try is left.');
    expect(said.advice).toContain('on the screen “PIN”');
    expect(said.advice).not.toContain('lichna');
  });

  it("of the authority's is told in the reader's language", () => {
    const said = explain({
      code: 'authority-refused',
      host: 'authority.example.bg',
      problem: 'officer-only',
      detail: 'only an officer may resume it',
    });
    expect(said.what).toContain('само служител');
  });

  it('that is newer than this window is still a sentence', () => {
    const said = explain({ code: 'of-the-future' });
    expect(said.what).not.toContain('of-the-future');
    expect(said.advice).not.toBe('');
  });

  it('shows the words of others without what turns a text around', () => {
    expect(presentable('CN=\u202eknab\u0007')).toBe('CN= knab ');
  });
});

import { parse, type Message, type Pattern } from '@fluent/syntax';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { languages, type Language } from './languages';

const MESSAGES = '../crates/i18n/messages';
const FILES = ['app', 'errors', 'words'];

function messages(language: Language): Map<string, Message> {
  const all = FILES.flatMap(
    (file) => parse(readFileSync(`${MESSAGES}/${language}/${file}.ftl`, 'utf8'), {}).body,
  );
  return new Map(
    all.filter((entry) => entry.type === 'Message').map((entry) => [entry.id.name, entry]),
  );
}

const there: Record<Language, Map<string, Message>> = { bg: messages('bg'), en: messages('en') };

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'generated' ? [] : sources(path);
    return /\.(svelte|ts)$/.test(name) && !name.includes('.test.') ? [path] : [];
  });
}

/** The ids that the source names: whole ones, and the beginnings and ends of those it puts together. */
function named(): { whole: Set<string>; made: RegExp[] } {
  const whole = new Set<string>();
  const made: RegExp[] = [];
  for (const file of sources('src')) {
    const text = readFileSync(file, 'utf8');
    for (const [, name, quote, id] of text.matchAll(
      /(?<![\w.])(t|word|has)\(\s*(['`])([^'`]+)\2/g,
    )) {
      const full = name === 't' ? `app-${id}` : `${id}`;
      if (quote === '`') made.push(pattern(full));
      else whole.add(full);
    }
    // Choices between two messages.
    for (const [, one, other] of text.matchAll(
      /\bt\([^()'`]*\? '([a-z-]+)' : [`']([a-z${}-]+)[`']/g,
    )) {
      whole.add(`app-${one}`);
      if (other && !other.includes('$')) whole.add(`app-${other}`);
      else if (other) made.push(pattern(`app-${other}`));
    }
  }
  return { whole, made };
}

const pattern = (id: string): RegExp => new RegExp(`^${id.replace(/\$\{[^}]*\}/g, '[a-zA-Z-]+')}$`);

const text = (value: Pattern | null): string => JSON.stringify(value);

describe('messages', () => {
  it('are there in both languages, each that is named', () => {
    const { whole, made } = named();
    for (const language of languages) {
      const ids = [...there[language].keys()];
      expect([...whole].filter((id) => !there[language].has(id))).toEqual([]);
      expect(made.filter((id) => !ids.some((one) => id.test(one)))).toEqual([]);
    }
  });

  it('say in one language what they say in the other, of the same things', () => {
    const things = (message: Message | undefined): string[] =>
      [
        ...new Set(text(message?.value ?? null).match(/"VariableReference".*?"name":"\w+"/g)),
      ].sort();
    expect([...there.bg.keys()].sort()).toEqual([...there.en.keys()].sort());
    const differing = [...there.bg].filter(
      ([id, message]) => things(message).join() !== things(there.en.get(id)).join(),
    );
    expect(differing.map(([id]) => id)).toEqual([]);
  });

  it('of the app are all used', () => {
    const { whole, made } = named();
    const own = parse(readFileSync(`${MESSAGES}/bg/app.ftl`, 'utf8'), {}).body;
    const unused = own
      .filter((entry) => entry.type === 'Message')
      .map((entry) => entry.id.name)
      .filter((id) => !/^(app-rec|err|rec)-/.test(id))
      .filter((id) => !whole.has(id) && !made.some((one) => one.test(id)));
    expect(unused).toEqual([]);
  });

  it('give no advice for a terminal to who sits before a window', () => {
    /** Of the command alone: the app never meets these codes. */
    const OF_THE_COMMAND =
      /^rec-(usage|terminal|pin-input-.*|nss-.*|registry-.*|not-through-sudo|yes-missing|person-.*|profile-.*|pending-unknown|application-differs|carrier-key-differs|module-missing|browser-running|service-.*|mend-failed|no-reader|virtual-reader-.*)$/;
    const forTerminals = [...there.en.entries()]
      .filter(([id]) => id.startsWith('rec-') && !OF_THE_COMMAND.test(id))
      .filter(([, message]) => /lichna [a-z]|--[a-z]|terminal/.test(text(message.value)))
      .map(([id]) => id)
      .filter((id) => !there.en.has(`app-${id}`));
    expect(forTerminals).toEqual([]);
  });

  it('speak of failures that there are', () => {
    const without = [...there.en.keys()]
      .filter((id) => id.startsWith('app-rec-'))
      .filter((id) => !there.en.has(id.replace('app-', '')));
    expect(without).toEqual([]);
  });
});

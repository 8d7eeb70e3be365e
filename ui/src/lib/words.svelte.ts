/** What a person reads: the Fluent files that the command reads too, Bulgarian first. */
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import type { Language } from './languages';

export type Arguments = Record<string, FluentVariable>;

const files = import.meta.glob<string>('../../../crates/i18n/messages/*/{app,errors,words}.ftl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const bundles: Partial<Record<Language, FluentBundle>> = {};

/** What is said in that language. It is read when it is first spoken: a start waits for one alone. */
function bundle(language: Language): FluentBundle {
  return (bundles[language] ??= read(language));
}

function read(language: Language): FluentBundle {
  // The marks around arguments are for mixed directions, of which there are none here.
  const made = new FluentBundle(language, { useIsolating: false });
  for (const [path, text] of Object.entries(files)) {
    if (path.includes(`/messages/${language}/`)) made.addResource(new FluentResource(text));
  }
  return made;
}

class Words {
  language = $state<Language>('bg');
}

/** Which language is spoken. */
export const words = new Words();

/** There is such a message. */
export function has(id: string): boolean {
  return bundle(words.language).hasMessage(id);
}

/** A message of this app's own, of `app.ftl`: `t(…)` of `saved` is `app-saved`. */
export function t(id: string, args: Arguments = {}): string {
  return word(`app-${id}`, args);
}

/** A message that others show, too, with its arguments put in. Where there is none, its id stands
 *  for it. */
export function word(id: string, args: Arguments = {}): string {
  const spoken = bundle(words.language);
  const value = spoken.getMessage(id)?.value;
  return value ? spoken.formatPattern(value, args, []) : id;
}

/** Where the day stands before the month. */
const locales: Record<Language, string> = { bg: 'bg', en: 'en-GB' };

/** A day, as it is written in the language: 1 May 2031. */
export function day(time: string): string {
  const form = new Intl.DateTimeFormat(locales[words.language], { dateStyle: 'long' });
  return form.format(Date.parse(time));
}

/** A moment, to the minute. */
export function moment(time: string | Date): string {
  const form = new Intl.DateTimeFormat(locales[words.language], {
    dateStyle: 'long',
    timeStyle: 'short',
  });
  return form.format(typeof time === 'string' ? Date.parse(time) : time);
}

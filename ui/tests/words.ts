/** The words that a person presses, in either language, as the app has them. */
import { FluentBundle, FluentResource } from '@fluent/bundle';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Language = 'bg' | 'en';

function bundle(language: Language): FluentBundle {
  const made = new FluentBundle(language, { useIsolating: false });
  const path = new URL(`../../crates/i18n/messages/${language}/app.ftl`, import.meta.url);
  made.addResource(new FluentResource(readFileSync(fileURLToPath(path), 'utf8')));
  return made;
}

const bundles = { bg: bundle('bg'), en: bundle('en') };

/** A message of `app.ftl` without its `app-`. */
export function says(language: Language, id: string): string {
  const value = bundles[language].getMessage(`app-${id}`)?.value;
  if (!value) throw new Error(`there is no message app-${id}`);
  return bundles[language].formatPattern(value);
}

/** Opens the built app in a browser, with a stand-in for the shell. */
import type { Page } from '@playwright/test';
import type { AxeResults, RunOptions } from 'axe-core';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { Link } from '../src/lib/agent.svelte';
import type { Look } from '../src/lib/generated/protocol';
import { unchosen } from '../src/lib/look';
import { answers, links, NOW } from './fixtures';
import type { Answer, Script } from './shell';

export { overflowing } from './judge';

let shell: Promise<string> | undefined;

/** `shell.ts` as one classic script, which runs before any of the app's own. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('./shell.ts', import.meta.url));
  const made = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, formats: ['iife'], name: 'shell' } },
  });
  const [first] = Array.isArray(made) ? made : [made];
  if (!first || !('output' in first)) throw new Error('no output');
  return first.output[0].code;
}

const file = (name: string): string => fileURLToPath(import.meta.resolve(name));

/** The system's fixed-width type differs between systems; the letters of the app come with it. */
const type = ['latin', 'cyrillic']
  .map((script) => {
    const font = file(`@fontsource/noto-sans-mono/files/noto-sans-mono-${script}-400-normal.woff2`);
    const range = script === 'cyrillic' ? 'unicode-range: U+0400-04FF;' : '';
    return `@font-face { font-family: Fixed; ${range}
      src: url(data:font/woff2;base64,${readFileSync(font, 'base64')}); }`;
  })
  .concat(`:root { --font-code: Fixed; --font: 'Sofia Sans Variable', Fixed; }`)
  .join('\n');

export interface Staging {
  link: keyof typeof links;
  /** What the agent says, where none of the links is like it. */
  says?: Link;
  screen?: string;
  chosen?: Partial<Look>;
  answers?: Record<string, Answer>;
}

/** With windows that look so. */
function looking(link: Link, look: Look): Link {
  if (link.link !== 'connected') return link;
  const settings = { ...link.state.settings, look };
  return { ...link, state: { ...link.state, settings } };
}

/** Opens the app anew, as it is for who chose this and whose agent says that. */
export async function stage(page: Page, staging: Staging): Promise<void> {
  const look = { ...unchosen, ...staging.chosen };
  const script: Script = {
    link: looking(staging.says ?? links[staging.link], look),
    answers: { ...answers, ...staging.answers },
  };
  await page.clock.setFixedTime(NOW);
  await page.addInitScript((given) => (window.script = given), script);
  await page.addInitScript((kept) => localStorage.setItem('settings', kept), JSON.stringify(look));
  await page.addInitScript({ content: await (shell ??= bundle()) });
  // Another place in the same page would not open it anew.
  await page.goto('about:blank');
  await page.goto(`/#/${staging.screen ?? 'home'}`);
  await page.locator('h1').waitFor();
  await page.addStyleTag({ content: type });
  await page.evaluate(async () => {
    await Promise.all([...document.fonts].map((font) => font.load()));
  });
}

/** What the page asked the shell for by this command, in this order. */
export const calls = (page: Page, command: string): Promise<Record<string, unknown>[]> =>
  page.evaluate(
    (name) => window.calls.filter((one) => one.command === name).map((one) => one.arguments),
    command,
  );

/** The text of the file that was saved last. */
export async function saved(page: Page): Promise<string> {
  const files = await calls(page, 'save_file');
  return new TextDecoder().decode(new Uint8Array(files.at(-1)?.['contents'] as number[]));
}

const axe = readFileSync(file('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds: rule and place of each. `rules`: these alone. */
export async function faults(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const options: RunOptions = { resultTypes: ['violations'] };
  if (rules) options.runOnly = rules;
  const results = await page.evaluate(
    (given) =>
      (window as unknown as { axe: { run(given: RunOptions): Promise<AxeResults> } }).axe.run(
        given,
      ),
    options,
  );
  return results.violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}`),
  );
}

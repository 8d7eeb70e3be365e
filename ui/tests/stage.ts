/** Opens the built app in a browser, with a stand-in for the shell. */
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { Chosen } from '../src/lib/settings.svelte';
import { answers, links } from './fixtures';
import type { Answer, Script } from './shell';

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

export interface Staging {
  link: keyof typeof links;
  screen?: string;
  chosen?: Partial<Chosen>;
  answers?: Record<string, Answer>;
}

/** Once for each page. */
export async function stage(page: Page, staging: Staging): Promise<void> {
  const script: Script = {
    link: links[staging.link],
    answers: { ...answers, ...staging.answers },
  };
  await page.addInitScript((given) => (window.script = given), script);
  await page.addInitScript(
    (kept) => localStorage.setItem('settings', kept),
    JSON.stringify(staging.chosen ?? {}),
  );
  await page.addInitScript({ content: await (shell ??= bundle()) });
  await page.goto(`/#/${staging.screen ?? 'home'}`);
  await page.locator('h1').waitFor();
  await page.evaluate(() => document.fonts.ready);
}

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** What is wrong for people who hear the page, use keys or see little: rule and place of each. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const results = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}`),
  );
}

/** What does not fit into the width of the window. */
export const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    return [...document.querySelectorAll('main *, nav *')]
      .filter((one) => one.getBoundingClientRect().right > width + 1)
      .filter((one) => !one.closest('.unseen') && !one.closest('svg *'))
      .map((one) => `${one.tagName}.${one.className}: ${one.textContent?.slice(0, 40)}`);
  });

/** Everything that the app can show: as it was, for everybody, in its place, by keys. */
import { expect, test, type Page } from '@playwright/test';
import { readdirSync } from 'node:fs';
import { lost } from './judge';
import { faults, overflowing, stage } from './stage';
import { show, states, type Shown } from './states';
import type { Language } from './words';

const themes = ['light', 'dark'] as const;
const languages = ['bg', 'en'] as const;

/** From light and soft to each of the others, by one step each. */
const looks = [{ contrast: 'high' }, { theme: 'dark' }, { contrast: 'normal' }] as const;

/** Widths of the window in pixels, and how large its text is. */
const places = [
  [320, 'largest'],
  [768, 'largest'],
  [1280, 'largest'],
  [320, 'normal'],
  [3840, 'normal'],
] as const;

/** What is looked at: what lies in front, or else the screen without the menu. */
const front = (page: Page) => page.locator('main, dialog[open]').last();

async function attribute(page: Page, look: Record<string, string>): Promise<void> {
  await page.evaluate((to) => Object.assign(document.documentElement.dataset, to), look);
}

/** Its picture beside the one that is kept; of a screen as it is opened, with the menu, in the dark
 *  and in English, too. */
async function compare(page: Page, state: Shown, language: Language): Promise<void> {
  const dark = language === 'bg';
  if (dark) await expect.soft(front(page)).toHaveScreenshot(`${state.name}.png`);
  if (!state.opened) return;
  await page.setViewportSize({ width: 1040, height: 560 });
  if (dark) await attribute(page, { theme: 'dark' });
  const look = dark ? 'dark' : 'english';
  await expect.soft(page).toHaveScreenshot(`${state.name}-${look}.png`);
  await attribute(page, { theme: 'light' });
}

for (const state of states) {
  for (const language of languages) {
    test(`everybody can use it: ${state.name}, ${language}`, async ({ page }) => {
      await page.setViewportSize({ width: 880, height: 700 });
      await show(page, state, { language, theme: 'light' });
      expect(await page.locator('main').innerText()).not.toMatch(/\bapp-|undefined|\{ ?\$/);
      await compare(page, state, language);

      expect.soft(await faults(page)).toEqual([]);
      // Which language it is makes no difference to colours.
      for (const look of language === 'bg' ? looks : []) {
        await attribute(page, look);
        expect.soft(await faults(page, ['color-contrast']), JSON.stringify(look)).toEqual([]);
      }

      for (const [width, text] of places) {
        await page.setViewportSize({ width, height: 700 });
        await attribute(page, { text });
        expect.soft(await overflowing(page), `${width} px wide, ${text} text`).toEqual([]);
      }

      if (language === 'en') return;
      await page.setViewportSize({ width: 880, height: 700 });
      expect.soft(await lost(page, state.opened ? 'body' : 'main')).toEqual([]);
      if (!state.dialogue) return;
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      const open = state.dialogue === 'busy';
      await expect(page.getByRole('dialog')).toBeVisible({ visible: open });
      await expect(page.locator('main :focus')).toBeVisible();
    });
  }
}

for (const theme of themes) {
  test(`high contrast looks as it did: ${theme}`, async ({ page }) => {
    await page.setViewportSize({ width: 1040, height: 760 });
    await stage(page, { link: 'several', screen: 'pin', chosen: { theme, contrast: 'high' } });
    await page.keyboard.press('Tab');
    await expect(page).toHaveScreenshot(`high-contrast-${theme}.png`);
  });
}

test('every picture is of something that can be shown', () => {
  const kept = readdirSync(new URL('./pictures', import.meta.url));
  const names = states.flatMap(({ name, opened }) =>
    opened ? [name, `${name}-dark`, `${name}-english`] : [name],
  );
  for (const theme of themes) names.push(`high-contrast-${theme}`);
  expect(kept.sort()).toEqual(names.map((name) => `${name}.png`).sort());
});

import { expect, test, type Page } from '@playwright/test';
import { links } from './fixtures';
import { faults, stage } from './stage';

/** Everything that a screen hides until it is asked for. */
async function unfold(page: Page): Promise<void> {
  await page.evaluate(() =>
    document.querySelectorAll('details').forEach((one) => (one.open = true)),
  );
}

async function put(page: Page, screen: string): Promise<void> {
  await page.evaluate((to) => (location.hash = `#/${to}`), screen);
  await expect(page.locator('nav a[aria-current=page]')).toHaveAttribute('href', `#/${screen}`);
  await unfold(page);
}

test('without a card, every screen says so or does without', async ({ page }) => {
  await stage(page, { link: 'no-reader' });
  for (const screen of ['certificates', 'pin'] as const) {
    await put(page, screen);
    await expect(page.getByRole('main')).toContainText('Няма карта, която Лична познава');
    expect(await faults(page), screen).toEqual([]);
  }
});

test('the agent keeps what is set, and the window follows what the agent says', async ({
  page,
}) => {
  await stage(page, { link: 'good', screen: 'settings' });
  for (const choice of ['English', 'Dark', 'Larger', 'Shuffled each time']) {
    await page.getByRole('radio', { name: choice, exact: true }).check();
    await expect(page.getByRole('radio', { name: choice, exact: true })).toBeChecked();
  }
  await expect(page.locator('h1')).toHaveText('Settings');
  const html = page.locator('html');
  for (const [name, value] of [
    ['lang', 'en'],
    ['data-theme', 'dark'],
    ['data-text', 'large'],
  ] as const) {
    await expect(html).toHaveAttribute(name, value);
  }
  const last = await page.evaluate(() => window.calls.at(-1));
  expect(last?.arguments['change']).toMatchObject({ setting: 'look', keypad: 'shuffled' });
  // For the first picture of the next time.
  const kept = await page.evaluate(() => localStorage.getItem('settings'));
  expect(JSON.parse(kept ?? '')).toMatchObject({ language: 'en', theme: 'dark', text: 'large' });
});

test('what the agent could not keep is not shown as if it were', async ({ page }) => {
  const problem = { code: 'configuration-invalid', file: 'config.toml', reason: 'line 3' };
  await stage(page, { link: 'good', screen: 'settings', answers: { set: { problem } } });
  await page.getByRole('radio', { name: 'Тъмно', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('config.toml');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  const group = page.getByRole('radiogroup', { name: 'Светло или тъмно' });
  await expect(group.getByRole('radio', { name: 'Като на компютъра' })).toBeChecked();
});

test('a service is trusted, and no longer', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'settings' });
  await page.getByLabel(/Име на сървър/).fill('eid.egov.bg');
  await page.keyboard.press('Enter');
  const list = page.getByRole('listitem').filter({ hasText: 'eid.egov.bg' });
  await expect(list).toBeVisible();
  await expect(page.getByLabel(/Име на сървър/)).toHaveValue('');
  await list.getByRole('button').click();
  await expect(list).toBeHidden();
});

test('what is kept is told, and forgotten after a question', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'settings' });
  await expect(page.getByRole('main')).toContainText('/home/maria/.config/lichna/config.toml');
  await page.getByRole('button', { name: 'Забравете всичко, което може' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('listitem')).toHaveCount(3);
  expect(await faults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Забравете' }).click();
  await expect(dialog).toBeHidden();
  const calls = await page.evaluate(() => window.calls.map((one) => one.arguments['what']));
  expect(calls.filter(Boolean)).toEqual(['uses', 'cans', 'practice-authority']);
});

test('everything is reached by keys alone', async ({ page }) => {
  await stage(page, { link: 'good' });
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Към съдържанието' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('main').getByRole('link', { name: 'Влезте' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Вижте удостоверенията' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toBeFocused();
  await expect(page.locator('h1')).toHaveText('Моите удостоверения');

  const reached = new Set<string>();
  for (let step = 0; step < 20; step += 1) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? ''));
  }
  const all = await page.locator('main button:visible, main summary').allInnerTexts();
  expect(all.map((one) => one.trim()).filter((one) => !reached.has(one))).toEqual([]);

  await page.getByRole('button', { name: 'Спрете' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Спрете' })).toBeFocused();
});

test('at the least width the menu opens, and closes when a screen was chosen', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await stage(page, { link: 'good' });
  const menu = page.getByRole('button', { name: 'Меню' });
  await expect(page.getByRole('link', { name: 'Настройки' })).toBeHidden();
  await menu.click();
  await page.getByRole('link', { name: 'Настройки' }).click();
  await expect(page.locator('h1')).toHaveText('Настройки');
  await expect(menu).toHaveAttribute('aria-expanded', 'false');
});

test('the words of others turn nothing around', async ({ page }) => {
  const link = structuredClone(links.good);
  if (link.link !== 'connected') throw new Error('no state');
  const [first] = link.state.certificates;
  if (first) first.common_name = 'Мария\u202e<b>Иванова</b>';
  await stage(page, { link: 'good' });
  await page.evaluate((said) => window.say(said), link);
  await expect(page.locator('main h2')).toHaveText('Мария <b>Иванова</b>');
});

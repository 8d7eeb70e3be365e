import { expect, test } from '@playwright/test';
import { links } from './fixtures';
import { faults, stage } from './stage';

test('a card is shown with whose it is, its tries, and one thing to do', async ({ page }) => {
  await stage(page, { link: 'good' });
  const main = page.getByRole('main');
  await expect(main.getByRole('heading', { level: 2 })).toHaveText('Мария Георгиева Иванова');
  await expect(main).toContainText('остават 3 опита');
  await expect(main).toContainText('28 февруари 2031');
  await expect(main.getByRole('link')).toHaveText(['Влезте', 'Вижте удостоверенията']);
});

test('what the agent says next is shown at once', async ({ page }) => {
  await stage(page, { link: 'empty' });
  await expect(page.getByRole('main')).toContainText('Поставете картата си');
  await page.evaluate((said) => window.say(said), links.reading);
  await expect(page.getByRole('main')).toContainText('Картата се чете');
  await page.evaluate((said) => window.say(said), links['needs-can']);
  await page.getByRole('button', { name: 'Въведете CAN' }).click();
  const calls = await page.evaluate(() => window.calls.map((call) => call.command));
  expect(calls).toContain('unlock_card');
});

test('an agent that is gone is looked for when the person says so', async ({ page }) => {
  await stage(page, { link: 'lost' });
  await page.evaluate((link) => (window.script.link = link), links.good);
  await page.getByRole('button', { name: 'Опитайте пак' }).click();
  await expect(page.getByRole('main')).toContainText('Мария Георгиева Иванова');
});

test('the program that holds the card is named', async ({ page }) => {
  await stage(page, { link: 'in-use' });
  await expect(page.getByRole('main')).toContainText('gpg-agent');
});

test('what the agent tells unasked is in the window, once', async ({ page }) => {
  await stage(page, { link: 'forgotten' });
  const main = page.getByRole('main');
  await expect(main).toContainText('Картата е още в четеца');
  await page.evaluate((said) => window.say(said), links['signing-ends-soon']);
  await expect(main).toContainText('важи до 28 февруари 2031');
  await page.evaluate((said) => window.say(said), links['ends-soon']);
  await expect(main).not.toContainText('важи до');
});

test('a program that waits for the holder is named on every screen', async ({ page }) => {
  await stage(page, { link: 'asked', screen: 'settings' });
  const main = page.getByRole('main');
  await expect(main).toContainText('Чака Ви програма: /usr/lib/firefox-esr/firefox-esr');
  await expect(main).toContainText('подпис с ключа за влизане');
  await expect(main).toContainText('Иска да влезете в eid.egov.bg');
  expect(await faults(page)).toEqual([]);
  await page.evaluate((said) => window.say(said), links.good);
  await expect(main).not.toContainText('Чака Ви програма');
});

import { expect, test } from '@playwright/test';
import { links } from './fixtures';
import { stage } from './stage';

test('a card is shown with whose it is, its tries, and one thing to do', async ({ page }) => {
  await stage(page, { link: 'good' });
  const main = page.getByRole('main');
  await expect(main.getByRole('heading', { level: 2 })).toHaveText('Мария Георгиева Иванова');
  await expect(main).toContainText('остават 3 опита');
  await expect(main).toContainText('28 февруари 2031');
  await expect(main.getByRole('link')).toHaveText('Вижте удостоверенията');
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

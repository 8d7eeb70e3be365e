/** What a screen reader says without being asked. */
import { expect, test, type Page } from '@playwright/test';
import { links } from './fixtures';
import { stage } from './stage';

const voice = (page: Page) => page.getByRole('status');

const say = (page: Page, link: keyof typeof links): Promise<void> =>
  page.evaluate((said) => window.say(said), links[link]);

/** In the order in which they can follow each other, and a part of what is said of each. */
const told: [keyof typeof links, string][] = [
  ['no-reader', 'Свържете четец на карти.'],
  ['empty', 'Gemalto PC Twin Reader (70D7E2EE) 00 00: няма карта.'],
  ['reading', 'Картата се чете …'],
  ['needs-can', 'Картата иска своя CAN, преди да каже нещо.'],
  ['good', 'Мария Георгиева Иванова. Всичко с картата е наред. ПИН код: остават 3 опита.'],
  ['one-try', 'ПИН код: остава един опит.'],
  ['pin-suspended', 'ПИН кодът е спрян преди последния опит.'],
  ['pin-blocked', 'ПИН кодът е блокиран.'],
  ['forged', 'Тази карта е ФАЛШИВА.'],
  ['mute', 'не отговаря'],
  ['in-use', 'gpg-agent'],
  ['unknown', 'Непозната карта.'],
  ['unavailable', 'Gemalto'],
  ['practice', 'ТРЕНИРОВКА Мария Георгиева Иванова.'],
  ['service-not-running', 'Програмата, която работи с четците'],
  ['lost', 'Липсва част от Лична'],
];

for (const screen of ['home', 'settings']) {
  test(`what becomes of a card is said on every screen: ${screen}`, async ({ page }) => {
    await stage(page, { link: 'connecting', screen });
    for (const [link, words] of told) {
      await say(page, link);
      await expect(voice(page).nth(1), link).toContainText(words);
    }
  });
}

test('of several cards, only what has changed is said', async ({ page }) => {
  await stage(page, { link: 'good' });
  await say(page, 'several');
  await expect(voice(page).nth(1)).toContainText('ТРЕНИРОВКА');
  await expect(voice(page).nth(1)).not.toContainText(
    'Всичко с картата е наред. ПИН код: остават 3 опита. Мария',
  );
});

test('how something ended is said in a dialogue too', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'certificates' });
  await page.getByRole('button', { name: 'Спрете' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Спрете' }).click();
  await expect(dialog.getByRole('status').first()).toHaveText('Удостоверението е спряно.');
  await dialog.getByRole('button', { name: 'Запишете разписка' }).click();
  await expect(dialog.getByRole('status').first()).toHaveText('Записано.');
  await page.evaluate((said) => window.say(said), links['pin-blocked']);
  await expect(dialog.getByRole('status').nth(1)).toContainText('ПИН кодът е блокиран.');
});

test('sounds are for who wants them, and none is made for giving up', async ({ page }) => {
  for (const [sound, code, heard] of [
    [true, 'wrong-pin', 2],
    [true, 'cancelled', 0],
    [false, 'wrong-pin', 0],
  ] as const) {
    await page.addInitScript(() => {
      const made = { tones: 0 };
      Object.assign(window, { made });
      const open = AudioContext.prototype.createOscillator;
      AudioContext.prototype.createOscillator = function () {
        made.tones += 1;
        return open.call(this);
      };
    });
    const answers = { change_pin: { problem: { code, tries_left: 2 } } };
    await stage(page, { link: 'good', screen: 'pin', chosen: { sound }, answers });
    await page.getByRole('button', { name: 'Сменете ПИН кода' }).click();
    await expect(page.getByRole('alert')).toContainText(code);
    const made = await page.evaluate(
      () => (window as unknown as { made: { tones: number } }).made.tones,
    );
    expect(made, `${sound}, ${code}`).toBe(heard);
  }
});

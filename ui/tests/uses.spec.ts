import { expect, test } from '@playwright/test';
import { calls, faults, saved, stage } from './stage';

test('uses are found by what stands in them, and saved', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'uses' });
  const list = page.locator('main ol li');
  await expect(list).toHaveCount(4);
  await expect(list.first()).toContainText('eid.egov.bg');
  await expect(list.nth(1)).toContainText('firefox-esr');
  await expect(list.nth(1)).toContainText('wrong-pin');
  expect(await faults(page)).toEqual([]);
  await page.getByLabel('Търсене в списъка').fill('NAP влизане');
  await expect(list).toHaveCount(1);
  await expect(page.getByRole('main')).toContainText('Едно използване');
  await page.getByRole('button', { name: 'Запишете списъка' }).click();
  await expect(page.getByRole('main')).toContainText('Записано.');
  const text = await saved(page);
  expect(text).toContain('2026-11-18T08:15:00Z');
  expect(text).not.toContain('firefox');
});

test('what was not the holder leads to suspending that card, with one confirmation', async ({
  page,
}) => {
  await stage(page, { link: 'several', screen: 'uses' });
  await page.getByRole('button', { name: /Не бях аз: eid\.egov\.bg, 20/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Спиране' });
  await expect(dialog).toContainText('някой има и картата, и ПИН кода Ви');
  expect(await faults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Спрете' }).click();
  const [call] = await calls(page, 'suspend');
  expect(call).toMatchObject({
    reader: 'Gemalto PC Twin Reader (70D7E2EE) 00 00',
    reason: 'Използване, което не е мое',
  });
  await expect(dialog).toContainText('Сега сменете ПИН кода.');
});

test('for a card that is not here, what to do is said', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'uses' });
  await page.getByRole('button', { name: /Не бях аз: nap\.bg/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Не бях аз' });
  await expect(dialog).toContainText('Карта BG0099999999 не е в четеца.');
  await expect(dialog).toContainText('обадете се на органа');
  expect(await faults(page)).toEqual([]);
  expect(await calls(page, 'suspend')).toEqual([]);
});

test('the history is deleted after a question', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'uses' });
  await page.getByRole('button', { name: 'Изтрийте историята' }).click();
  const dialog = page.getByRole('dialog');
  expect(await faults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Изтрийте историята' }).click();
  await expect(dialog).toBeHidden();
  expect(await calls(page, 'forget_uses')).toHaveLength(1);
  expect(await calls(page, 'uses')).toHaveLength(2);
});

test('where nothing can be kept, or nothing was, that is said', async ({ page }) => {
  const not_kept = { code: 'key-store-unavailable', reason: 'no bus' };
  await stage(page, {
    link: 'good',
    screen: 'uses',
    answers: { uses: { value: { uses: [], not_kept } }, programs: { value: [] } },
  });
  const main = page.getByRole('main');
  await expect(main).toContainText('нови използвания не се записват');
  await expect(main).toContainText('Засега тук няма нито едно използване.');
  await expect(main).toContainText('Не сте разрешили това на никоя програма.');
  expect(await faults(page)).toEqual([]);
});

test('a program that asks less is revoked, alone or with all', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'uses' });
  await expect(page.getByRole('main')).toContainText('файлът на програмата е сменен');
  await page.getByRole('button', { name: /обратно: .*firefox-esr$/ }).click();
  await expect(page.getByRole('main')).toContainText('Разрешението е взето обратно.');
  await page.getByRole('button', { name: 'Вземете всички обратно' }).click();
  await expect
    .poll(() => calls(page, 'forget_programs'))
    .toEqual([{ executable: '/usr/lib/firefox-esr/firefox-esr' }, { executable: null }]);
  expect(await faults(page)).toEqual([]);
});

import { expect, test } from '@playwright/test';
import { waysOut } from './fixtures';
import { calls, faults, saved, stage } from './stage';

test('suspending says what it means, leaves a receipt, and offers the way back', async ({
  page,
}) => {
  await stage(page, { link: 'good', screen: 'certificates' });
  await page.getByRole('button', { name: 'Спрете' }).click();
  const dialog = page.getByRole('dialog', { name: 'Спиране' });
  await expect(dialog).toContainText('Възобновявате го сами');
  expect(await faults(page)).toEqual([]);
  await dialog.getByLabel('Защо').fill('Търся си чантата');
  await dialog.getByRole('button', { name: 'Спрете' }).click();
  await expect(dialog).toContainText('Удостоверението е спряно.');
  const [call] = await calls(page, 'suspend');
  expect(call).toMatchObject({ reason: 'Търся си чантата' });
  expect(await faults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Запишете разписка' }).click();
  await expect(dialog).toContainText('Записано.');
  const receipt = await saved(page);
  expect(receipt).toContain('РАЗПИСКА от Лична');
  expect(receipt).toContain('3f9a07c1d2e4b58801');
  await dialog.getByRole('button', { name: 'Готово' }).click();
  await expect(page.getByRole('button', { name: 'Възобновете' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Спрете' })).toBeHidden();
});

test('revoking wants a word that it cannot be undone', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'certificates' });
  await page.getByRole('button', { name: 'Прекратете завинаги: За влизане' }).click();
  const dialog = page.getByRole('dialog');
  const button = dialog.getByRole('button', { name: 'Прекратете завинаги' });
  await expect(button).toBeDisabled();
  await dialog.getByRole('checkbox').check();
  expect(await faults(page)).toEqual([]);
  await button.click();
  await expect(dialog).toContainText('прекратено завинаги');
  expect(await calls(page, 'revoke')).toMatchObject([{ serial: '3f9a07c1d2e4b58801' }]);
});

test('while the holder is asked the window says where, and can be told to give up', async ({
  page,
}) => {
  const answers = { renew: { step: 'ask-holder' as const } };
  await stage(page, { link: 'good', screen: 'certificates', answers });
  await page.getByRole('button', { name: 'Подновете' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Подновете' }).click();
  await expect(dialog).toContainText('Отговорете в прозореца на Лична');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Отказ' }).click();
  expect(await calls(page, 'cancel')).toHaveLength(1);
});

test('what failed is told with what to do, and can be tried again', async ({ page }) => {
  const answers = { resume: { problem: { code: 'wrong-pin', tries_left: 2 } as const } };
  await stage(page, { link: 'good', screen: 'certificates', answers });
  await page.getByRole('button', { name: 'Възобновете' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Възобновете' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Остават 2 опита');
  await expect(dialog.getByRole('alert')).toContainText('wrong-pin');
  expect(await faults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Опитайте пак' }).click();
  expect(await calls(page, 'resume')).toHaveLength(2);
});

test('a certificate is checked, named, and saved in two forms', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'certificates' });
  await page.getByRole('button', { name: 'Проверете сега: За влизане' }).click();
  await expect(page.getByRole('main')).toContainText('OCSP');
  expect(await faults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Наименувайте: За влизане' }).click();
  await page.getByLabel('Име, до 30 знака').fill('За работа');
  await page.getByRole('button', { name: 'Запишете името' }).click();
  await expect(page.getByRole('dialog')).toContainText('Името е записано.');
  await page.keyboard.press('Escape');
  await page.locator('summary').first().click();
  await page.getByRole('button', { name: 'Запишете като PEM' }).first().click();
  await expect.poll(() => calls(page, 'save_file')).toHaveLength(1);
  expect(await saved(page)).toContain('-----BEGIN CERTIFICATE-----');
});

test('what happened with the certificates is shown, the latest first', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'certificates' });
  await page.getByRole('button', { name: 'Покажете какво е ставало' }).click();
  await expect(page.locator('.history li').first()).toContainText('възобновено');
  await expect(page.getByRole('main')).toContainText('Служебно');
  expect(await faults(page)).toEqual([]);
});

test('a PIN is changed and unblocked without passing this window', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'pin' });
  await expect(page.locator('main input')).toHaveCount(0);
  await page.getByRole('button', { name: 'Сменете ПИН кода' }).click();
  await expect(page.getByRole('main')).toContainText('ПИН кодът е сменен.');
  await page.getByRole('button', { name: 'Отблокирайте с ПУК' }).click();
  await expect(page.getByRole('main')).toContainText('ПИН кодът е отблокиран');
  expect(await faults(page)).toEqual([]);
});

test('a practice card is made, put in, and deleted after a question', async ({ page }) => {
  await stage(page, { link: 'practice', screen: 'practice' });
  await page.getByRole('button', { name: 'Нова тренировъчна карта' }).click();
  const dialog = page.getByRole('dialog');
  expect(await faults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Направете' }).click();
  await expect(dialog).toContainText('Тренировъчната карта е готова.');
  await dialog.getByRole('button', { name: 'Готово' }).click();
  await page.getByRole('radio', { name: 'С контакти' }).check();
  await page.getByRole('button', { name: 'Поставете: Втора' }).click();
  expect(await calls(page, 'insert_practice_card')).toEqual([
    { number: 'TR900018', side: 'contact' },
  ]);
  await page.getByRole('button', { name: 'Изтрийте: Втора' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Изтрийте' }).click();
  expect(await calls(page, 'delete_practice_card')).toEqual([{ number: 'TR900018' }]);
});

test('the check-up says the worst first, and how to mend it', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'check-up' });
  await expect(page.getByRole('main')).toContainText('Нещо пречи');
  await page.getByRole('button', { name: 'Оправете: Услуга за смарт карти' }).click();
  await expect.poll(() => calls(page, 'mend')).toEqual([{ remedy: { remedy: 'start-service' } }]);
  // What came of it is looked at.
  await expect.poll(() => calls(page, 'examine')).toHaveLength(2);
  await page.getByRole('button', { name: 'Запишете доклада' }).click();
  await expect.poll(() => calls(page, 'save_file')).toHaveLength(1);
  expect(await saved(page)).not.toContain('Gemalto');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Копирайте доклада' }).click();
  await expect(page.getByRole('main')).toContainText('Копирано.');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain('service: bad service-not-running');
  expect(copied).not.toContain('Gemalto');
  expect(await faults(page)).toEqual([]);
});

test('what cannot be mended here says the command', async ({ page }) => {
  const problem = { code: 'mend-failed', command: 'sudo systemctl start pcscd.socket' };
  await stage(page, { link: 'good', screen: 'check-up', answers: { mend: { problem } } });
  await page.getByRole('button', { name: 'Оправете: Услуга за смарт карти' }).click();
  const alert = page.getByRole('main').getByRole('alert');
  await expect(alert).toContainText('sudo systemctl start pcscd.socket');
  expect(await calls(page, 'examine')).toHaveLength(1);
  expect(await faults(page)).toEqual([]);
});

test('each finding has its one way out: a button, a screen, or a command', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'check-up', answers: { examine: { value: waysOut } } });
  const main = page.getByRole('main');
  await expect(main).toContainText('sudo apt install pcscd');
  await expect(main.getByRole('button', { name: /^Оправете/ })).toHaveCount(0);
  await expect(main.getByRole('link', { name: 'Към ПИН кода' })).toBeVisible();
  expect(await faults(page)).toEqual([]);
});

test('that the app starts with the computer is chosen, and said as it is', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'settings' });
  const group = page.getByRole('radiogroup', { name: 'Когато компютърът тръгне' });
  await expect(group.getByLabel('Лична чака да я отворите')).toBeChecked();
  await page.evaluate(() => (window.script.answers['starts_with_computer'] = { value: true }));
  await group.getByLabel('Лична тръгва с него').check();
  await expect(group.getByLabel('Лична тръгва с него')).toBeChecked();
  expect(await calls(page, 'start_with_computer')).toEqual([{ start: true }]);
});

test('where it cannot be had to start with the computer, that is said, and nothing is marked as if', async ({
  page,
}) => {
  const start_with_computer = { problem: { code: 'app-failed', reason: 'no room' } as const };
  await stage(page, { link: 'good', screen: 'settings', answers: { start_with_computer } });
  const group = page.getByRole('radiogroup', { name: 'Когато компютърът тръгне' });
  await group.getByLabel('Лична тръгва с него').click();
  await expect(page.getByRole('main')).toContainText('не можа да го направи: no room');
  await expect(group.getByLabel('Лична чака да я отворите')).toBeChecked();
});

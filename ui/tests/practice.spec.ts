import { expect, test, type Page } from '@playwright/test';
import { loggedIn } from './fixtures';
import { faults, overflowing, stage, type Staging } from './stage';

const LABEL = 'Моята тренировъчна карта';

const practise = (page: Page, more: Partial<Staging> = {}): Promise<void> =>
  stage(page, { link: 'practice', screen: 'practice', ...more });

/** What is a mishap's, opened. */
async function mishap(page: Page, name: string): Promise<void> {
  await page.locator('summary', { hasText: name }).click();
}

test('a card without certificates gets them from the practice authority', async ({ page }) => {
  await practise(page, { link: 'practice-empty' });
  const main = page.getByRole('main');
  await expect(main).toContainText('за човек, който не съществува');
  await expect(main).not.toContainText('Нека нещо се обърка');
  expect(await faults(page)).toEqual([]);
  await page.getByRole('button', { name: `Вземете удостоверения: ${LABEL}` }).click();
  await expect(main).toContainText('Картата има удостоверения.');
  const asked = await page.evaluate(() =>
    window.calls.filter((one) => one.command === 'enrol_practice_card'),
  );
  expect(asked).toMatchObject([{ arguments: { reader: 'Practice reader TR900017' } }]);
});

test('a card that wants its CAN is told so before anything else', async ({ page }) => {
  await practise(page, { link: 'practice-wants-can' });
  await expect(page.getByRole('button', { name: `Въведете CAN: ${LABEL}` })).toBeVisible();
  await expect(page.getByRole('button', { name: /Вземете удостоверения/ })).toBeHidden();
  expect(await faults(page)).toEqual([]);
});

test('certificates that were begun are finished', async ({ page }) => {
  await practise(page, { link: 'practice-begun' });
  await expect(page.getByRole('main')).toContainText('Довършете започнатото');
  expect(await faults(page)).toEqual([]);
});

test('the practice service greets whoever logs in', async ({ page }) => {
  await practise(page);
  await page.getByRole('button', { name: `Влезте в тренировъчната услуга: ${LABEL}` }).click();
  await expect(page.getByRole('main')).toContainText('Здравейте, Мария Примерова!');
  expect(await faults(page)).toEqual([]);
});

for (const [problem, words] of [
  [{ code: 'sandbox-missing' }, 'не е инсталиран'],
  [{ code: 'sandbox-failed', reason: 'cannot listen' }, 'cannot listen'],
] as const) {
  test(`the practice authority does not answer: ${problem.code}`, async ({ page }) => {
    await practise(page, { answers: { log_in_practising: { problem } } });
    await page.getByRole('button', { name: `Влезте в тренировъчната услуга: ${LABEL}` }).click();
    await expect(page.getByRole('main').getByRole('alert')).toContainText(words);
    expect(await faults(page)).toEqual([]);
  });
}

test('each mishap says what will happen and the way out', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 720 });
  await practise(page, { chosen: { text: 'largest' } });
  for (const name of ['Грешен ПИН', 'Спряно', 'Извадена карта', 'Блокиран']) {
    await mishap(page, name);
  }
  await expect(page.getByText('Как се излиза:')).toHaveCount(4);
  expect(await faults(page)).toEqual([]);
  expect(await overflowing(page)).toEqual([]);
});

test('a wrong PIN lets nobody in, and says how many tries are left', async ({ page }) => {
  const problem = { code: 'wrong-pin', tries_left: 2 };
  await practise(page, { answers: { log_in_practising: { problem } } });
  await mishap(page, 'Грешен ПИН');
  await page.getByRole('button', { name: /^Влезте с грешен ПИН код: Грешен/ }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText('2');
  expect(await faults(page)).toEqual([]);
});

test('a suspended certificate is refused by the service, and resumed', async ({ page }) => {
  const body = JSON.stringify({ status: 403, code: 'certificate-suspended' });
  await practise(page, { answers: { log_in_practising: { value: loggedIn(403, body) } } });
  await mishap(page, 'Спряно');
  await page.getByRole('button', { name: /^Спрете: Спряно/ }).click();
  await expect(page.getByRole('main')).toContainText('Удостоверението е спряно.');
  await page.getByRole('button', { name: /^Влезте в тренировъчната услуга: Спряно/ }).click();
  await expect(page.getByRole('main').getByRole('alert')).toContainText('certificate-suspended');
  await page.getByRole('button', { name: /^Възобновете: Спряно/ }).click();
  await expect(page.getByRole('main')).toContainText('Удостоверението пак е в сила.');
  expect(await faults(page)).toEqual([]);
});

test('a blocked PIN is unblocked with the PUK', async ({ page }) => {
  await practise(page);
  await mishap(page, 'Блокиран');
  await page.getByRole('button', { name: /^Отблокирайте с ПУК: Блокиран/ }).click();
  await expect(page.getByRole('main')).toContainText('ПИН кодът е отблокиран');
  const asked = await page.evaluate(() =>
    window.calls.filter((one) => one.command === 'unblock_pin'),
  );
  expect(asked).toHaveLength(1);
});

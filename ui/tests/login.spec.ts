import { expect, test, type Page } from '@playwright/test';
import { links, outcome } from './fixtures';
import { calls, faults, overflowing, stage } from './stage';

const main = (page: Page) => page.getByRole('main');
const logIn = (page: Page) => main(page).getByRole('button', { name: 'Влезте' });

test('a service that was logged in to before is one tile; who is told what stands before the PIN', async ({
  page,
}) => {
  await stage(page, { link: 'good', screen: 'login' });
  await page.getByRole('button', { name: /eid\.egov\.bg 12 входа/ }).click();
  await expect(main(page).locator('h2')).toHaveText('Вход в eid.egov.bg');
  await expect(main(page)).toContainText('В списъка Ви с доверени услуги е');
  await expect(main(page)).toContainText('Мария Георгиева Иванова');
  await expect(main(page)).toContainText('остават 3 опита');
  await expect(main(page).locator('input')).toHaveCount(0);
  expect(await calls(page, 'log_in')).toEqual([]);
  expect(await faults(page)).toEqual([]);
  await logIn(page).click();
  const [call] = await calls(page, 'log_in');
  expect(call).toMatchObject({ url: 'https://eid.egov.bg/' });
  await expect(main(page)).toContainText('Влязохте в eid.egov.bg.');
  await expect(main(page)).toContainText('Влезе Лична, не браузърът');
  await expect(main(page)).toContainText('0,5 сек.');
  await main(page).locator('summary').click();
  expect(await faults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Готово' }).click();
  await expect(main(page)).toContainText('Където влизате често');
});

test('a page that the server sends is text, and nothing of it runs or is fetched', async ({
  page,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('dialog', () => asked.push('alert'));
  await stage(page, { link: 'good', screen: 'login' });
  await page.getByRole('button', { name: /eid\.egov\.bg/ }).click();
  await logIn(page).click();
  await expect(page.locator('pre')).toHaveText(/^Портал\s+Здравейте, Мария$/);
  const own = new URL(page.url()).origin;
  expect(asked.filter((one) => !one.startsWith(`${own}/`))).toEqual([]);
});

test('an address is taken as a person writes it, and only https', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'login' });
  const field = page.getByLabel('Адрес на услугата');
  for (const wrong of ['http://eid.egov.bg/', 'две думи', 'https://a@b.bg/', 'javascript://x']) {
    await field.fill(wrong);
    await field.press('Enter');
    await expect(main(page).getByRole('alert')).toContainText('не е адрес');
  }
  expect(await faults(page)).toEqual([]);
  await field.fill(' portal.example.bg/вход ');
  await field.press('Enter');
  await expect(main(page).locator('h2')).toHaveText('Вход в portal.example.bg');
  await expect(main(page)).toContainText('Прозорецът за ПИН кода ще каже');
  await page.getByRole('button', { name: 'Назад' }).click();
  await expect(field).toBeVisible();
});

test('a link shows what it asks for and does nothing by itself', async ({ page }) => {
  await stage(page, { link: 'good', screen: 'certificates' });
  await page.evaluate(() =>
    window.want({ wanted: 'login', address: 'https://eid.egov.bg/portal?a=b' }),
  );
  await expect(page.locator('h1')).toHaveText('Вход');
  await expect(main(page)).toContainText('Този вход е поискан от връзка.');
  await expect(main(page)).toContainText('В списъка Ви с доверени услуги е');
  expect(await faults(page)).toEqual([]);
  expect(await calls(page, 'log_in')).toEqual([]);
  // Another one, while this is shown.
  await page.evaluate(() => window.want({ wanted: 'login', address: 'https://nap.bg/' }));
  await expect(main(page).locator('h2')).toHaveText('Вход в nap.bg');
  await logIn(page).click();
  expect(await calls(page, 'log_in')).toMatchObject([{ url: 'https://nap.bg/' }]);
  await page.evaluate(() =>
    window.want({ wanted: 'refused', problem: { code: 'url-invalid', url: 'http://nap.bg/' } }),
  );
  await expect(main(page).getByRole('alert')).toContainText('„http://nap.bg/“ не е адрес');
});

test('of several cards the holder chooses one', async ({ page }) => {
  await stage(page, { link: 'several', screen: 'login' });
  await page.getByRole('button', { name: /eid\.egov\.bg/ }).click();
  await page.getByRole('radio', { name: /ТРЕНИРОВКА/ }).check();
  await expect(main(page)).toContainText('Тренировъчна карта: не доказва нищо за никого.');
  expect(await faults(page)).toEqual([]);
  await logIn(page).click();
  expect(await calls(page, 'log_in')).toMatchObject([{ reader: 'Practice reader TR900017' }]);
});

test('what is under way can be given up, and what failed is told in a pair', async ({ page }) => {
  await stage(page, {
    link: 'good',
    screen: 'login',
    answers: { log_in: { step: 'ask-holder' } },
  });
  await page.getByRole('button', { name: /eid\.egov\.bg/ }).click();
  await logIn(page).click();
  await expect(main(page)).toContainText('Отговорете в прозореца на Лична');
  expect(await faults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Отказ' }).click();
  expect(await calls(page, 'cancel')).toHaveLength(1);
});

test('a server that refuses is told apart from a card that fails', async ({ page }) => {
  await stage(page, {
    link: 'good',
    screen: 'login',
    answers: {
      log_in: {
        value: outcome({ status: 403, content_type: 'text/plain', body: 'No\u202e such person' }),
      },
    },
  });
  await page.getByRole('button', { name: /eid\.egov\.bg/ }).click();
  await logIn(page).click();
  await expect(main(page)).toContainText('отговори с 403');
  await expect(page.locator('pre')).toHaveText('No such person');
  expect(await faults(page)).toEqual([]);
});

test('a wrong PIN is told with what to do', async ({ page }) => {
  await stage(page, {
    link: 'good',
    screen: 'login',
    answers: { log_in: { problem: { code: 'wrong-pin', tries_left: 2 } } },
  });
  await page.getByRole('button', { name: /eid\.egov\.bg/ }).click();
  await logIn(page).click();
  await expect(main(page).getByRole('alert')).toContainText('Остават 2 опита');
  await expect(page.getByRole('button', { name: 'Опитайте пак' })).toBeVisible();
  expect(await faults(page)).toEqual([]);
});

test('without a card, or with one that will not do, that is said before', async ({ page }) => {
  await stage(page, { link: 'empty', screen: 'login' });
  await page.evaluate(() => window.want({ wanted: 'login', address: 'https://nap.bg/' }));
  await expect(main(page)).toContainText('Няма карта, която Лична познава');
  await expect(logIn(page)).toBeDisabled();
  expect(await faults(page)).toEqual([]);
  await page.evaluate((said) => window.say(said), links['pin-blocked']);
  await expect(main(page)).toContainText('ПИН кодът е блокиран.');
  await page.evaluate((said) => window.say(said), links.good);
  await expect(logIn(page)).toBeEnabled();
});

for (const [width, text] of [
  [320, 'normal'],
  [640, 'largest'],
] as const) {
  test(`a login and its answer fit: ${width} px, ${text}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 720 });
    await stage(page, { link: 'several', screen: 'login', chosen: { text, theme: 'dark' } });
    await page.getByRole('button', { name: /eid\.egov\.bg/ }).click();
    expect(await overflowing(page)).toEqual([]);
    await logIn(page).click();
    await main(page).locator('summary').click();
    expect(await overflowing(page)).toEqual([]);
    expect(await faults(page)).toEqual([]);
  });
}

/** Everything that the app can show. A line here has it looked at by `states.spec.ts`. */
import type { Page } from '@playwright/test';
import { screens } from '../src/lib/screens';
import {
  links,
  pin,
  practiceCard,
  finding,
  ofBrowsers,
  status,
  connected,
  outcome,
  use,
  waysOut,
} from './fixtures';
import { stage, type Staging } from './stage';
import { says, type Language } from './words';

export interface Shown extends Staging {
  /** Its picture's name, too. */
  name: string;
  /** What is pressed until it is shown, by message; or written into a field, by its label. */
  steps?: (string | [label: string, text: string])[];
  /** It asks before something is changed, or says how that went. */
  dialogue?: 'free' | 'busy';
  /** A screen as it is opened: it has its picture in both languages and both themes. */
  opened?: true;
}

/** Of Home: `several` is every screen's, and some are made for one. */
const names = (Object.keys(links) as (keyof typeof links)[]).filter(
  (link) => !/^(several|practice-(empty|wants-can|begun))$/.test(link),
);

/** With two cards and an empty reader, so there is as much on each as there can be. */
const opened: Shown[] = screens.map((screen) => ({
  name: `screen-${screen}`,
  link: 'several',
  screen,
  opened: true,
}));

const atHome: Shown[] = names.map((link) => ({ name: `home-${link}`, link }));

const certificates: Shown[] = (
  [
    { name: 'suspend', steps: ['do-suspend'], dialogue: 'free' },
    {
      name: 'suspend-asks-holder',
      steps: ['do-suspend', 'manage-suspend-do'],
      answers: { suspend: { step: 'ask-holder' } },
      dialogue: 'busy',
    },
    { name: 'suspend-done', steps: ['do-suspend', 'manage-suspend-do'], dialogue: 'free' },
    {
      name: 'suspend-saved',
      steps: ['do-suspend', 'manage-suspend-do', 'do-save-receipt'],
      dialogue: 'free',
    },
    {
      name: 'resume-failed',
      steps: ['do-resume', 'manage-resume-do'],
      answers: { resume: { problem: { code: 'wrong-pin', tries_left: 2 } } },
      dialogue: 'free',
    },
    { name: 'renew-done', steps: ['do-renew', 'manage-renew-do'], dialogue: 'free' },
    { name: 'revoke', steps: ['do-revoke'], dialogue: 'free' },
    { name: 'revoke-certain', steps: ['do-revoke', 'manage-revoke-certain'], dialogue: 'free' },
    {
      name: 'name',
      steps: ['do-name', ['manage-name-label', 'За работа']],
      dialogue: 'free',
    },
    { name: 'status', steps: ['do-status'] },
    {
      name: 'status-revoked',
      steps: ['do-status'],
      answers: { certificate_status: { value: status('revoked') } },
    },
    { name: 'details', steps: ['certificate-details', 'do-save-pem'] },
    { name: 'history', steps: ['do-history'] },
    { name: 'none', link: 'no-certificates' },
    { name: 'no-card', link: 'no-reader' },
  ] satisfies (Omit<Shown, 'link'> & Partial<Shown>)[]
).map((one) => ({
  link: 'good',
  ...one,
  name: `certificates-${one.name}`,
  screen: 'certificates',
}));

const pins: Shown[] = (
  [
    { name: 'changed', steps: ['do-change-pin'] },
    {
      name: 'failed',
      steps: ['do-change-pin'],
      answers: { change_pin: { problem: { code: 'wrong-pin', tries_left: 1 } } },
    },
    {
      name: 'interrupted',
      steps: ['do-change-pin'],
      answers: { change_pin: { step: 'ask-holder', problem: { code: 'card-removed' } } },
    },
    { name: 'at-keypad', answers: { pins: { value: [pin({ entry: 'pinpad' })] } } },
    {
      name: 'suspended',
      answers: { pins: { value: [pin({ state: 'suspended', tries_left: 1 })] } },
    },
    { name: 'blocked', answers: { pins: { value: [pin({ state: 'blocked', tries_left: 0 })] } } },
    { name: 'transport', answers: { pins: { value: [pin({ state: 'not-activated' })] } } },
    {
      name: 'puk-blocked',
      answers: { pins: { value: [pin({ state: 'unblocking-blocked', tries_left: 0 })] } },
    },
    {
      name: 'unknown',
      answers: { pins: { value: [pin({ state: 'unknown', tries_left: null })] } },
    },
    { name: 'needs-can', link: 'needs-can' },
  ] satisfies (Omit<Shown, 'link'> & Partial<Shown>)[]
).map((one) => ({ link: 'good', ...one, name: `pin-${one.name}`, screen: 'pin' }));

const practice: Shown[] = (
  [
    { name: 'empty', link: 'good' },
    { name: 'make', steps: ['do-make-practice'], dialogue: 'free' },
    { name: 'made', steps: ['do-make-practice', 'do-make'], dialogue: 'free' },
    { name: 'delete', steps: ['do-delete'], dialogue: 'free' },
    { name: 'without-certificates', link: 'practice-empty' },
    { name: 'wants-can', link: 'practice-wants-can' },
    { name: 'begun', link: 'practice-begun' },
    { name: 'enrolled', link: 'practice-empty', steps: ['do-enrol-practice'] },
    { name: 'logged-in', steps: ['do-log-in-practising'] },
    {
      name: 'mishaps',
      steps: ['mishap-wrong-pin', 'mishap-suspended', 'mishap-pulled', 'mishap-blocked'],
    },
    {
      name: 'locked-and-broken',
      says: connected({
        practice_cards: [
          practiceCard({ lock: 'passphrase' }),
          practiceCard({
            number: 'TR900018',
            failure: { code: 'practice-key-missing', number: 'TR900018' },
          }),
        ],
      }),
    },
  ] satisfies (Omit<Shown, 'link'> & Partial<Shown>)[]
).map((one) => ({ link: 'practice', ...one, name: `practice-${one.name}`, screen: 'practice' }));

const checkUp: Shown[] = (
  [
    { name: 'running', answers: { examine: { step: 'read-card' } } },
    { name: 'good', answers: { examine: { value: [finding({ subject: '0.1.0' })] } } },
    { name: 'failed', answers: { examine: { problem: { code: 'agent-gone' } } } },
    { name: 'saved', steps: ['do-save-report'] },
    { name: 'browsers', answers: { examine: { value: ofBrowsers } } },
    {
      name: 'mend-failed',
      steps: ['do-mend'],
      answers: {
        mend: { problem: { code: 'mend-failed', command: 'sudo systemctl start pcscd.socket' } },
      },
    },
    { name: 'ways-out', answers: { examine: { value: waysOut } } },
  ] satisfies (Omit<Shown, 'link'> & Partial<Shown>)[]
).map((one) => ({ link: 'good', ...one, name: `check-up-${one.name}`, screen: 'check-up' }));

const settings: Shown[] = (
  [
    {
      name: 'not-kept',
      steps: ['setting-theme-dark'],
      answers: {
        set: { problem: { code: 'configuration-invalid', file: 'config.toml', reason: 'line 3' } },
      },
    },
    {
      name: 'trust-refused',
      steps: [['trusted-name', '*.bg'], 'trusted-add'],
      answers: {
        set: { problem: { code: 'server-name-invalid', name: '*.bg', reason: 'too wide' } },
      },
    },
    { name: 'forget', steps: ['stored-forget-all'], dialogue: 'free' },
    { name: 'starts-with-computer', answers: { starts_with_computer: { value: true } } },
  ] satisfies (Omit<Shown, 'link'> & Partial<Shown>)[]
).map((one) => ({ link: 'good', ...one, name: `settings-${one.name}`, screen: 'settings' }));

const toAddress: Shown['steps'] = [['login-address', 'nap.bg'], 'do-continue'];
const login: Shown[] = (
  [
    { name: 'not-an-address', steps: [['login-address', 'http://nap.bg'], 'do-continue'] },
    { name: 'at', link: 'several', steps: toAddress },
    { name: 'at-blocked', link: 'pin-blocked', steps: toAddress },
    { name: 'no-card', link: 'empty', steps: toAddress },
    {
      name: 'asks-holder',
      steps: [...toAddress, 'do-log-in'],
      answers: { log_in: { step: 'ask-holder' } },
    },
    {
      name: 'failed',
      steps: [...toAddress, 'do-log-in'],
      answers: { log_in: { problem: { code: 'wrong-pin', tries_left: 2 } } },
    },
    { name: 'done', steps: [...toAddress, 'do-log-in', 'login-details'] },
    {
      name: 'answered',
      steps: [...toAddress, 'do-log-in'],
      answers: { log_in: { value: outcome({ status: 403 }) } },
    },
  ] satisfies (Omit<Shown, 'link'> & Partial<Shown>)[]
).map((one) => ({ link: 'good', ...one, name: `login-${one.name}`, screen: 'login' }));

const uses: Shown[] = (
  [
    { name: 'not-me', steps: ['do-not-me'], dialogue: 'free' },
    {
      name: 'not-me-elsewhere',
      steps: ['do-not-me'],
      answers: { uses: { value: { uses: [use({ card: 'BG0099999999' })], not_kept: null } } },
      dialogue: 'free',
    },
    { name: 'forget', steps: ['do-forget-uses'], dialogue: 'free' },
    { name: 'saved', steps: ['do-save-list'] },
    { name: 'revoked', steps: ['do-take-back'] },
    {
      name: 'none',
      answers: {
        uses: {
          value: { uses: [], not_kept: { code: 'key-store-unavailable', reason: 'no bus' } },
        },
        programs: { value: [] },
      },
    },
  ] satisfies (Omit<Shown, 'link'> & Partial<Shown>)[]
).map((one) => ({ link: 'good', ...one, name: `uses-${one.name}`, screen: 'uses' }));

export const states: Shown[] = [
  ...opened,
  ...atHome,
  ...certificates,
  ...pins,
  ...practice,
  ...checkUp,
  ...settings,
  ...login,
  ...uses,
];

/** Opens the app and goes as far as the state. */
export async function show(page: Page, shown: Shown, chosen: Staging['chosen']): Promise<void> {
  const language = chosen?.language === 'en' ? 'en' : 'bg';
  await stage(page, { ...shown, chosen: { ...chosen, language } });
  for (const step of shown.steps ?? []) await take(page, language, step);
}

async function take(
  page: Page,
  language: Language,
  step: string | [string, string],
): Promise<void> {
  const scope = page.locator('main, dialog[open]').last();
  if (typeof step !== 'string') {
    await scope.getByLabel(says(language, step[0])).fill(step[1]);
    return;
  }
  const words = says(language, step).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  await scope
    .locator('button:enabled, summary, label')
    .filter({ hasText: new RegExp(`^\\s*${words}\\s*$`), visible: true })
    .first()
    .click();
}

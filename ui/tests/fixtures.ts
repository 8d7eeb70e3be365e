/** States of the agent, as it tells them, and answers to commands. */
import type { Link } from '../src/lib/agent.svelte';
import type {
  CardInfo,
  CertificateInfo,
  Finding,
  History,
  HolderCertificate,
  KeyUse,
  LoginOutcome,
  Managed,
  PendingRequest,
  PinInfo,
  PracticeCardInfo,
  ProgramInfo,
  ReaderInfo,
  ServiceInfo,
  State,
  StatusOutcome,
  Stored,
  TaskInfo,
  TaskOutcome,
  Uses,
  Verdict,
} from '../src/lib/generated/protocol';
import { unchosen } from '../src/lib/look';
import type { Answer } from './shell';

const ATR = '3b8f8001804f0ca000000306030001000000006a';
const READER = 'Gemalto PC Twin Reader (70D7E2EE) 00 00';

export const reader = (name: string, slot: ReaderInfo['slot']): ReaderInfo => ({
  name,
  slot,
  pinpad: false,
});

export const card = (more: Partial<CardInfo> = {}): CardInfo => ({
  reader: READER,
  atr: ATR,
  interface: 'contact',
  card: {
    card: 'known',
    profile: 'bg-eid-2026',
    name: 'Българска лична карта (2026)',
    unsigned_profile: false,
  },
  practice: false,
  number: 'BG0012345678',
  pace: 'not-needed',
  genuineness: 'genuine',
  genuineness_reason: null,
  pin: { state: 'ready', tries_left: 3 },
  ...more,
});

export const certificate = (more: Partial<CertificateInfo> = {}): CertificateInfo => ({
  reader: READER,
  practice: false,
  key: 'authentication',
  role: 'authentication',
  subject: 'CN=Мария Георгиева Иванова,SN=Иванова,GN=Мария,serialNumber=4e1f9f0c,C=BG',
  common_name: 'Мария Георгиева Иванова',
  issuer: 'CN=Издаващ орган за електронна идентичност,O=Министерство на вътрешните работи,C=BG',
  serial: '3f9a07c1d2e4b58801',
  not_before: '2026-03-01T00:00:00Z',
  not_after: '2031-02-28T23:59:59Z',
  algorithm: 'EC P-256',
  fingerprint: '9b74c9897bac770ffc029102a200c5de0b1f23d4a69e8a3f3f1c0b8a55aa66ee',
  electronic_identifier: '0b6f6a8e-5b0f-4a57-9f1c-6c2f0d9a1e44',
  ...more,
});

export const both = (more: Partial<CertificateInfo> = {}): CertificateInfo[] => [
  certificate(more),
  certificate({ key: 'signing', role: 'signing', serial: '3f9a07c1d2e4b58802', ...more }),
];

export const state = (more: Partial<State> = {}): State => ({
  settled: true,
  service: 'running',
  readers: [],
  cards: [],
  certificates: [],
  practice_cards: [],
  tasks: [],
  pending: [],
  notices: [],
  settings: { look: unchosen, trusted: ['*.egov.bg'] },
  problems: [],
  ...more,
});

export const connected = (more: Partial<State> = {}): Link => ({
  link: 'connected',
  state: state(more),
});

const withCard = (
  more: Partial<CardInfo> = {},
  certificates: CertificateInfo[] = both(),
  rest: Partial<State> = {},
): Link =>
  connected({
    readers: [reader(READER, { slot: 'card', atr: ATR })],
    cards: [card(more)],
    certificates,
    ...rest,
  });

const inReader = (slot: ReaderInfo['slot']): Link => connected({ readers: [reader(READER, slot)] });

export const practiceCard = (more: Partial<PracticeCardInfo> = {}): PracticeCardInfo => ({
  number: 'TR900017',
  label: 'Моята тренировъчна карта',
  made_at: '2026-11-20T09:30:00Z',
  lock: 'key-store',
  inserted: null,
  failure: null,
  ...more,
});

const PRACTICE = 'Practice reader TR900017';
const practice = {
  readers: [reader(PRACTICE, { slot: 'card', atr: ATR })],
  cards: [
    card({
      reader: PRACTICE,
      practice: true,
      interface: 'contactless',
      pace: 'can-known',
      genuineness: 'practice',
      number: 'TR900017',
      card: {
        card: 'known',
        profile: 'bg-eid-practice',
        name: 'Тренировъчна карта',
        unsigned_profile: false,
      },
    }),
  ],
  certificates: both({ reader: PRACTICE, practice: true }),
  practice_cards: [
    practiceCard({
      inserted: { reader: PRACTICE, face: { interface: 'contactless', vpcd: null } },
    }),
    practiceCard({ number: 'TR900018', label: 'Втора' }),
  ],
} satisfies Partial<State>;

const task: TaskInfo = {
  id: '2f1c7a52-1a55-4f2c-8f2e-0a7a3f6c9d10',
  kind: 'renew',
  role: null,
  state: 'issued',
  card: 'BG0012345678',
  authority: 'https://authority.example.bg/',
  application: null,
  rnu: null,
  started_at: '2026-11-20T09:30:00Z',
  deadline: null,
  running: false,
};

/** When the tests happen, wherever and whenever they run. */
export const NOW = new Date('2026-11-22T12:00:00Z');

const soon = (days: number): string =>
  new Date(NOW.getTime() + days * 24 * 60 * 60 * 1000).toISOString();

const pending = (more: Partial<PendingRequest> = {}): PendingRequest => ({
  id: 1,
  requester: { pid: 4711, executable: '/usr/lib/firefox-esr/firefox-esr', window: null },
  server: null,
  signature: 'authentication',
  reader: READER,
  seconds_left: 40,
  ...more,
});

/** Every state that Home can be in. */
export const links = {
  connecting: { link: 'connecting' },
  lost: {
    link: 'lost',
    problem: { code: 'agent-not-installed', program: '/usr/libexec/lichna/lichna-agent' },
  },
  'service-not-installed': connected({ service: 'not-installed' }),
  'service-not-running': connected({ service: 'not-running' }),
  'service-no-permission': connected({ service: 'no-permission' }),
  'service-protocol-mismatch': connected({ service: 'protocol-mismatch' }),
  'no-reader': connected(),
  empty: inReader({ slot: 'empty' }),
  mute: inReader({ slot: 'mute' }),
  unavailable: inReader({ slot: 'unavailable' }),
  'in-use': inReader({
    slot: 'in-use',
    holders: [{ pid: 4711, name: 'gpg-agent', executable: '/usr/bin/gpg-agent' }],
  }),
  reading: withCard({ card: { card: 'reading' } }, []),
  unknown: withCard({ card: { card: 'unknown' } }, []),
  unreadable: withCard(
    { card: { card: 'failed', failure: { code: 'card-timeout', reader: READER } } },
    [],
  ),
  good: withCard(),
  unchecked: withCard({ genuineness: 'not-checked' }),
  forged: withCard({ genuineness: 'forged', genuineness_reason: 'the signature is wrong' }),
  'needs-can': withCard({ pace: 'needs-can', interface: 'contactless', number: null }, []),
  'channel-unsupported': withCard({ pace: 'unsupported', interface: 'contactless' }, []),
  'unsigned-profile': withCard({
    card: { card: 'known', profile: 'mine', name: 'Служебна карта', unsigned_profile: true },
  }),
  'no-certificates': withCard({}, []),
  'transport-pin': withCard({ pin: { state: 'not-activated', tries_left: 3 } }),
  'one-try': withCard({ pin: { state: 'ready', tries_left: 1 } }),
  'pin-suspended': withCard({ pin: { state: 'suspended', tries_left: 1 } }),
  'pin-blocked': withCard({ pin: { state: 'blocked', tries_left: 0 } }),
  'puk-blocked': withCard({ pin: { state: 'unblocking-blocked', tries_left: 0 } }),
  'ends-soon': withCard({}, both({ not_after: soon(30) })),
  ended: withCard(
    {},
    both({ not_after: '2026-01-01T00:00:00Z', not_before: '2021-01-01T00:00:00Z' }),
  ),
  unfinished: withCard({}, both(), { tasks: [task] }),
  forgotten: withCard({}, both(), { notices: [{ notice: 'card-forgotten', reader: READER }] }),
  'signing-ends-soon': withCard({}, both(), {
    notices: [
      {
        notice: 'certificate-ends',
        reader: READER,
        serial: '3f9a07c1d2e4b58802',
        not_after: '2031-02-28T23:59:59Z',
      },
    ],
  }),
  asked: withCard({}, both(), {
    pending: [
      pending(),
      pending({ id: 2, signature: null, server: 'eid.egov.bg' }),
      pending({
        id: 3,
        signature: null,
        requester: { pid: 4712, executable: null, window: null },
      }),
    ],
  }),
  practice: connected(practice),
  several: connected({
    ...practice,
    readers: [
      reader(READER, { slot: 'card', atr: ATR }),
      reader('ACS ACR39U ICC Reader 01 00', { slot: 'empty' }),
      ...practice.readers,
    ],
    cards: [card(), ...practice.cards],
    certificates: [...both(), ...practice.certificates],
  }),
  'practice-empty': connected({ ...practice, certificates: [] }),
  'practice-wants-can': connected({
    ...practice,
    cards: practice.cards.map((one) => ({ ...one, pace: 'needs-can', number: null })),
    certificates: [],
  }),
  'practice-begun': connected({
    ...practice,
    tasks: [{ ...task, kind: 'enrol', card: 'TR900017', running: false }],
  }),
  'practice-without-service': connected({ ...practice, service: 'not-installed' }),
} satisfies Record<string, Link>;

const inRegister = (more: Partial<HolderCertificate> = {}): HolderCertificate => ({
  serial: '3f9a07c1d2e4b58801',
  role: 'authentication',
  state: 'active',
  not_before: '2026-03-01T00:00:00Z',
  not_after: '2031-02-28T23:59:59Z',
  carrier: 'BG0012345678',
  name: 'Служебно',
  ...more,
});

export const managed = (more: Partial<HolderCertificate> = {}): Managed => ({
  reader: READER,
  practice: false,
  certificates: [inRegister(more)],
  timings: [],
  apdus: 12,
});

const history: History = {
  reader: READER,
  practice: false,
  certificates: [inRegister()],
  entries: [
    {
      time: '2026-03-01T10:00:00Z',
      serial: '3f9a07c1d2e4b58801',
      event: 'issued',
      state: 'signed',
      reason: null,
      by: 'officer',
    },
    {
      time: '2026-03-01T10:02:00Z',
      serial: '3f9a07c1d2e4b58801',
      event: 'confirmed',
      state: 'active',
      reason: null,
      by: 'holder',
    },
    {
      time: '2026-05-11T18:20:00Z',
      serial: '3f9a07c1d2e4b58801',
      event: 'suspended',
      state: 'stopped',
      reason: 'Търся си чантата',
      by: 'holder',
    },
    {
      time: '2026-05-11T19:05:00Z',
      serial: '3f9a07c1d2e4b58801',
      event: 'resumed',
      state: 'active',
      reason: null,
      by: 'holder',
    },
  ],
};

export const status = (verdict: Verdict = 'good'): StatusOutcome => ({
  subject: certificate().subject,
  serial: '3f9a07c1d2e4b58801',
  reader: READER,
  practice: false,
  verdict,
  sources: [
    {
      source: 'chain',
      verdict: 'good',
      url: null,
      this_update: null,
      next_update: null,
      number: null,
      detail: null,
      reason: null,
    },
    {
      source: 'ocsp',
      verdict,
      url: 'http://ocsp.example.bg/',
      this_update: '2026-11-22T12:00:00Z',
      next_update: '2026-11-22T15:00:00Z',
      number: null,
      detail: null,
      reason: null,
    },
  ],
  clock_ahead: null,
});

export const pin = (more: Partial<PinInfo> = {}): PinInfo => ({
  reader: READER,
  practice: false,
  pin: 'ПИН',
  state: 'ready',
  tries_left: 3,
  puk_tries_left: 10,
  entry: 'typed',
  ...more,
});

export const finding = (more: Partial<Finding> = {}): Finding => ({
  check: 'agent',
  state: 'good',
  failure: null,
  fix: null,
  remedy: null,
  subject: null,
  ...more,
});

/** What cannot be mended by a button: by a command of the system's, and on another screen. */
export const waysOut: Finding[] = [
  finding({
    check: 'service',
    state: 'bad',
    failure: { code: 'service-not-installed' },
    fix: 'sudo apt install pcscd',
    remedy: { remedy: 'install-service' },
  }),
  finding({
    check: 'pin',
    state: 'bad',
    failure: { code: 'pin-blocked' },
    fix: 'lichna pin unblock',
    remedy: { remedy: 'unblock-pin', reader: 'Reader' },
  }),
];

const findings: Finding[] = [
  finding({ subject: '0.1.0' }),
  finding({ check: 'reader', subject: READER }),
  finding({
    check: 'certificate',
    state: 'warning',
    failure: { code: 'certificate-expired', date: '2026-01-01' },
    subject: READER,
  }),
  finding({
    check: 'service',
    state: 'bad',
    failure: { code: 'service-not-running' },
    fix: 'sudo systemctl start pcscd.socket',
    remedy: { remedy: 'start-service' },
  }),
  finding({ check: 'pin', state: 'skipped' }),
];

/** One browser that has the module, others that do not, and what still runs from before an update. */
export const ofBrowsers: Finding[] = [
  finding({
    state: 'warning',
    failure: { code: 'agent-replaced' },
    fix: 'kill 4711',
    remedy: { remedy: 'end-program', pid: 4711, name: 'lichna-agent' },
    subject: '0.1.0',
  }),
  finding({
    check: 'versions',
    state: 'warning',
    failure: {
      code: 'versions-differ',
      program: 'firefox-esr',
      version: '0.0.9',
      agent: '0.1.0',
    },
    subject: 'firefox-esr',
  }),
  finding({ check: 'firefox', subject: '/home/maria/.mozilla/firefox/x1.default' }),
  finding({
    check: 'firefox',
    state: 'warning',
    failure: { code: 'browser-sandboxed' },
    subject: '/home/maria/snap/firefox',
  }),
  finding({
    check: 'chromium',
    state: 'warning',
    failure: { code: 'browser-not-set-up' },
    fix: 'lichna browsers setup',
    remedy: { remedy: 'set-up-browsers' },
    subject: '/home/maria/.pki/nssdb',
  }),
];

export const service = (more: Partial<ServiceInfo> = {}): ServiceInfo => ({
  server: 'eid.egov.bg',
  logins: 12,
  last: '2026-11-20T09:30:00Z',
  trusted: true,
  ...more,
});

export const outcome = (more: Partial<LoginOutcome> = {}): LoginOutcome => ({
  server: {
    host: 'eid.egov.bg',
    port: 443,
    subject: 'CN=eid.egov.bg',
    issuer: 'CN=Borica AD B-Trust Operational CA,C=BG',
    on_trust_list: true,
    issuer_not_named: false,
  },
  tls_version: 'TLSv1.3',
  scheme: 'ecdsa_secp256r1_sha256',
  status: 200,
  content_type: 'text/html; charset=utf-8',
  body: '<html><head><title>Портал</title><script>alert(1)</script></head><body><h1>Здравейте, Мария</h1><img src="https://elsewhere.example/a.png"></body></html>',
  body_cut: false,
  timings: [
    { step: 'ask-server', milliseconds: 120 },
    { step: 'ask-holder', milliseconds: 9300 },
    { step: 'connect', milliseconds: 180 },
    { step: 'sign', milliseconds: 240 },
  ],
  apdus: 9,
  apdus_after_pin: 3,
  ...more,
});

export const use = (more: Partial<KeyUse> = {}): KeyUse => ({
  time: '2026-11-20T09:30:00Z',
  what: 'login',
  role: 'authentication',
  card: 'BG0012345678',
  certificate: '3f9a07c1d2e4b58801',
  practice: false,
  program: '/usr/bin/lichna-app',
  server: 'eid.egov.bg',
  failure: null,
  ...more,
});

const uses: Uses = {
  uses: [
    use(),
    use({
      time: '2026-11-19T18:00:00Z',
      what: 'program',
      server: null,
      program: '/usr/lib/firefox-esr/firefox-esr',
      failure: { code: 'wrong-pin', tries_left: 2 },
    }),
    use({ time: '2026-11-18T08:15:00Z', card: 'BG0099999999', server: 'nap.bg:8443' }),
    use({ time: '2026-11-17T08:15:00Z', practice: true, card: 'TR900017', program: null }),
  ],
  not_kept: null,
};

export const program = (more: Partial<ProgramInfo> = {}): ProgramInfo => ({
  executable: '/usr/lib/firefox-esr/firefox-esr',
  since: '2026-10-01T08:00:00Z',
  current: true,
  ...more,
});

const renewed: TaskOutcome = {
  task: { ...task, state: 'confirmed' },
  reader: READER,
  practice: false,
  subject: null,
  certificates: both(),
  timings: [],
  apdus: 80,
};

const stored: Stored[] = [
  { what: 'uses', count: 12, place: '/home/maria/.local/state/lichna/uses.sealed' },
  { what: 'cans', count: 1, place: '/home/maria/.local/state/lichna/cans.json' },
  { what: 'practice-cards', count: 2, place: '/home/maria/.local/share/lichna/practice' },
  { what: 'practice-authority', count: null, place: '/home/maria/.local/state/lichna/sandbox' },
  { what: 'checkpoints', count: null, place: '/home/maria/.local/state/lichna/checkpoints.json' },
  { what: 'settings', count: null, place: '/home/maria/.config/lichna/config.toml' },
];

/** What the practice service answers. */
export const loggedIn = (status: number, body: string): LoginOutcome => ({
  server: {
    host: 'localhost',
    port: 8443,
    subject: 'CN=Lichna practice authority, Server',
    issuer: 'CN=Lichna practice authority, Root',
    on_trust_list: false,
    issuer_not_named: true,
  },
  tls_version: 'TLSv1.3',
  scheme: 'ecdsa_secp256r1_sha256',
  status,
  content_type: 'text/html',
  body,
  body_cut: false,
  timings: [],
  apdus: 3,
  apdus_after_pin: 2,
});

/** What the commands answer where a test does not say otherwise. */
export const answers: Record<string, Answer> = {
  about: { value: { version: '0.1.0', language: 'bg' } },
  unlock_card: { value: null },
  check_card: { value: card() },
  certificate: { value: { info: certificate(), der: 'MIIBCgKCAQEA' } },
  certificate_status: { value: status() },
  history: { value: history },
  name_certificate: { value: managed({ name: 'За работа' }) },
  suspend: { value: managed({ state: 'stopped' }) },
  resume: { value: managed() },
  revoke: { value: managed({ state: 'revoked' }) },
  renew: { value: renewed },
  resume_task: { value: renewed },
  pins: { value: [pin()] },
  change_pin: { value: null },
  unblock_pin: { value: null },
  make_practice_card: { value: practiceCard() },
  insert_practice_card: { value: practiceCard() },
  remove_practice_card: { value: practiceCard() },
  delete_practice_card: { value: null },
  enrol_practice_card: { value: renewed },
  log_in_practising: { value: loggedIn(200, '<h1>Здравейте, Мария Примерова!</h1>') },
  examine: { value: findings },
  set: { value: null },
  stored: { value: stored },
  forget: { value: null },
  starts_with_computer: { value: false },
  start_with_computer: { value: null },
  log_in: { value: outcome() },
  services: {
    value: [service(), service({ server: 'nap.bg:8443', logins: 1, trusted: false })],
  },
  uses: { value: uses },
  forget_uses: { value: null },
  programs: {
    value: [program(), program({ executable: '/home/maria/bin/tool', current: false })],
  },
  forget_programs: { value: 1 },
  mend: { value: null },
  save_file: { value: true },
  cancel: { value: null },
};

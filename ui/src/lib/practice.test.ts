import { expect, test } from 'vitest';
import type { LoginOutcome } from './generated/protocol';
import { greeting, refusal } from './practice';

const answer = (status: number, body: string): LoginOutcome => ({
  server: {
    host: 'localhost',
    port: 8443,
    subject: '',
    issuer: '',
    on_trust_list: false,
    issuer_not_named: true,
  },
  tls_version: 'TLSv1.3',
  scheme: 'ecdsa_secp256r1_sha256',
  status,
  content_type: null,
  body,
  body_cut: false,
  timings: [],
  apdus: 3,
  apdus_after_pin: 2,
});

test('the greeting is the heading of the page, as text', () => {
  const page = '<h1>Здравейте, <b>Мария</b> &amp; Ко!</h1><script>alert(1)</script>';
  expect(greeting(answer(200, page))).toBe('Здравейте, Мария & Ко!');
  expect(greeting(answer(200, 'nothing'))).toBe('');
});

test('a refusal has the code of the service, or none that is known', () => {
  expect(refusal(answer(200, ''))).toBeNull();
  const suspended = '{"status":403,"code":"certificate-suspended"}';
  expect(refusal(answer(403, suspended))).toEqual({ code: 'certificate-suspended' });
  expect(refusal(answer(502, '<html>'))).toEqual({ code: 'problem-unknown' });
});

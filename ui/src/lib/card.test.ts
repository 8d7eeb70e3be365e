import { describe, expect, it } from 'vitest';
import { card, certificate, both, links, reader, state } from '../../tests/fixtures';
import { bytes, cards, daysUntil, inPairs, next, pem, places, type Next } from './card';
import type { State } from './generated/protocol';

const now = new Date('2026-11-22T12:00:00Z');

function only(of: State) {
  const [place] = cards(of);
  if (!place) throw new Error('no card');
  return place;
}

function stateOf(name: keyof typeof links): State {
  const link = links[name];
  if (link.link !== 'connected') throw new Error(`${name} has no state`);
  return link.state;
}

describe('what is to be done with a card', () => {
  it.each<[keyof typeof links, Next]>([
    ['forged', 'forged'],
    ['channel-unsupported', 'channel-unsupported'],
    ['needs-can', 'can'],
    ['unfinished', 'unfinished'],
    ['transport-pin', 'set-pin'],
    ['pin-blocked', 'unblock'],
    ['puk-blocked', 'issuer'],
    ['pin-suspended', 'suspended-pin'],
    ['no-certificates', 'no-certificates'],
    ['ended', 'ended'],
    ['good', 'look'],
    ['practice', 'look'],
  ])('%s: %s', (name, expected) => {
    expect(next(only(stateOf(name)), now)).toBe(expected);
  });

  it('is renewing from sixty days before the end, and not a day earlier', () => {
    const ending = (not_after: string) =>
      only(
        state({
          readers: [reader(card().reader, { slot: 'card', atr: '' })],
          cards: [card()],
          certificates: both({ not_after }),
        }),
      );
    expect(next(ending('2027-01-21T12:00:00Z'), now)).toBe('renew');
    expect(next(ending('2027-01-21T12:00:01Z'), now)).toBe('look');
    expect(next(ending('2026-11-22T12:00:00Z'), now)).toBe('ended');
  });

  it('waits for a certificate that begins later', () => {
    const later = both({ not_before: '2026-12-01T00:00:00Z' });
    const of = state({
      readers: [reader(card().reader, { slot: 'card', atr: '' })],
      cards: [card()],
      certificates: later,
    });
    expect(next(only(of), now)).toBe('not-yet');
  });
});

describe('readers', () => {
  it('come with a card first, and with what belongs to it alone', () => {
    const all = places(stateOf('several'));
    expect(all.map((place) => place.card !== null)).toEqual([true, true, false]);
    for (const place of all) {
      expect(place.certificates.every((one) => one.reader === place.reader.name)).toBe(true);
    }
  });
});

it('counts begun days', () => {
  expect(daysUntil('2026-11-22T12:00:01Z', now)).toBe(1);
  expect(daysUntil('2026-11-21T12:00:00Z', now)).toBe(-1);
});

it('writes a certificate as programs take it', () => {
  const der = 'A'.repeat(100);
  expect(pem(der)).toBe(
    `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n${'A'.repeat(36)}\n-----END CERTIFICATE-----\n`,
  );
  expect(bytes('AQID')).toEqual(new Uint8Array([1, 2, 3]));
  expect(inPairs(certificate().serial)).toBe('3F 9A 07 C1 D2 E4 B5 88 01');
});

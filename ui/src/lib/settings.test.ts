import { expect, it } from 'vitest';
import { finding } from '../../tests/fixtures';
import { read, unchosen } from './look';
import { report } from './report';

it('takes what was kept, and nothing that it does not know', () => {
  const kept = JSON.stringify({ language: 'en', text: 'huge', theme: 'dark', other: 1 });
  expect(read(kept)).toEqual({ ...unchosen, language: 'en', theme: 'dark' });
  for (const rubbish of [null, '', '{', '[]', 'null', '1']) {
    expect(read(rubbish)).toEqual(unchosen);
  }
});

it('reports states and codes, and nothing of what they are about', () => {
  const text = report(
    [
      finding({ check: 'reader', subject: 'Reader of Maria' }),
      finding({
        check: 'card',
        state: 'bad',
        failure: { code: 'card-mute', reader: 'Reader of Maria' },
        subject: 'Reader of Maria',
      }),
    ],
    '0.1.0',
    new Date('2026-11-22T12:00:00Z'),
  );
  expect(text).toBe('Lichna 0.1.0, 2026-11-22T12:00:00.000Z\nreader: good\ncard: bad card-mute\n');
});

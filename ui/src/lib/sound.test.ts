import { expect, it } from 'vitest';
import { signal } from './sound';

/** An audio device that notes down what is played on it. */
function device() {
  const played: number[] = [];
  const tones: { onended: (() => void) | null }[] = [];
  let closed = 0;
  const node = () => ({ connect: (next: unknown) => next });
  const audio = {
    currentTime: 0,
    destination: {},
    createOscillator() {
      const frequency = { value: 0 };
      const tone = {
        ...node(),
        frequency,
        onended: null,
        start: () => played.push(frequency.value),
        stop: () => undefined,
      };
      tones.push(tone);
      return tone;
    },
    createGain: () => ({
      ...node(),
      gain: { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined },
    }),
    close: () => Promise.resolve((closed += 1)),
  };
  return {
    open: () => audio as unknown as AudioContext,
    played,
    end: () => tones.at(-1)?.onended?.(),
    closed: () => closed,
  };
}

it('goes up when something was done, and down when it was not', () => {
  for (const [outcome, up] of [
    ['done', true],
    ['failed', false],
  ] as const) {
    const { open, played } = device();
    signal(outcome, true, open);
    const [first = 0, last = 0] = played;
    expect(played).toHaveLength(2);
    expect(last > first).toBe(up);
  }
});

it('is silent for who wants no sounds', () => {
  signal('done', false, () => {
    throw new Error('was opened');
  });
});

it('gives the device back when it has ended', () => {
  const { open, end, closed } = device();
  signal('done', true, open);
  expect(closed()).toBe(0);
  end();
  expect(closed()).toBe(1);
});

it('fails nothing where there is no audio', () => {
  // jsdom has none.
  expect(() => signal('failed', true)).not.toThrow();
});

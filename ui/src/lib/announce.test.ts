import { expect, it } from 'vitest';
import { announce, announcement } from './announce.svelte';

it('has the same said a second time', () => {
  announce('Записано.');
  const first = announcement.text;
  announce('Записано.');
  expect(announcement.text).not.toBe(first);
  expect(announcement.text.trim()).toBe(first);
});

import { untrack } from 'svelte';

/** What a screen reader is to say without being asked. */
class Announcement {
  /** How far something has come, and how it ended. */
  text = $state('');
  /** What became of the readers and cards meanwhile. */
  news = $state('');
}

export const announcement = new Announcement();

export function announce(text: string): void {
  announcement.text = anew(text, () => announcement.text);
}

export function announceNews(text: string): void {
  announcement.news = anew(text, () => announcement.news);
}

/** What is said a second time is said only if it is not the same. */
const anew = (text: string, before: () => string): string =>
  text === untrack(before) ? `${text}\u00a0` : text;

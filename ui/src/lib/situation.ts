/** How things stand, in as few words as they can be said: for who does not see the screen. */
import type { Link } from './agent.svelte';
import { daysUntil, identity, next, places, type Place } from './card';
import { explain, presentable } from './problem';
import { t } from './words.svelte';

/** A sentence or two for each reader. A screen reader says what was not so before. */
export function situation(link: Link, now: Date): string[] {
  if (link.link === 'connecting') return [t('home-connecting')];
  if (link.link === 'lost') return [explain(link.problem).what];
  const { service } = link.state;
  const all = places(link.state);
  if (all.length === 0) {
    const running = service === 'running';
    return [running ? sentence(t('home-no-reader')) : explain({ code: `service-${service}` }).what];
  }
  return all.map((place) => inReader(place, now));
}

function inReader(place: Place, now: Date): string {
  const { card } = place;
  const { slot } = place.reader;
  const reader = presentable(place.reader.name);
  switch (card?.card.card) {
    case 'known':
      return known({ ...place, card }, now);
    case 'reading':
      return sentence(t('home-reading'));
    case 'failed':
      return explain(card.card.failure).what;
    case 'unknown':
      return sentence(t('home-unknown'));
  }
  switch (slot.slot) {
    case 'mute':
      return explain({ code: 'card-mute', reader }).what;
    case 'in-use': {
      const holders = slot.holders.map((one) => presentable(one.name)).join(', ');
      return explain({ code: 'card-in-use', reader, program: holders || t('program-unnamed') })
        .what;
    }
    case 'unavailable':
      return explain({ code: 'reader-unavailable', reader }).what;
    case 'empty':
      return sentence(`${reader}: ${t('reader-empty')}`);
    case 'card':
      return sentence(t('home-reading'));
  }
}

/** Whose the card is, the one thing to do with it, and its tries. */
function known(place: Parameters<typeof next>[0], now: Date): string {
  const certificate = identity(place);
  const name = presentable(certificate?.common_name ?? t('card-without-name'));
  const days = certificate ? daysUntil(certificate.not_after, now) : 0;
  const { pin, practice } = place.card;
  const said = [
    practice ? t('practice-mark') : '',
    `${name}.`,
    t(`next-${next(place, now)}`, { days }),
  ];
  if (pin?.state === 'ready' && pin.tries_left !== null) {
    said.push(sentence(`${t('card-pin')}: ${t('tries-left', { count: pin.tries_left })}`));
  }
  return said.filter((one) => one !== '').join(' ');
}

const sentence = (words: string): string => (/[.!?…]$/.test(words) ? words : `${words}.`);

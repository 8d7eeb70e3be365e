/** What a card's state means for the person before it. */
import type {
  CardInfo,
  CertificateInfo,
  PracticeCardInfo,
  ReaderInfo,
  State,
  TaskInfo,
} from './generated/protocol';

/** A reader and all that is known of what is in it. */
export interface Place {
  reader: ReaderInfo;
  card: CardInfo | null;
  certificates: CertificateInfo[];
  task: TaskInfo | null;
}

/** The readers, those with a card first. */
export function places(state: State): Place[] {
  const all = state.readers.map((reader) => {
    const card = state.cards.find((one) => one.reader === reader.name) ?? null;
    return {
      reader,
      card,
      certificates: state.certificates.filter((one) => one.reader === reader.name),
      task: state.tasks.find((one) => one.card !== null && one.card === card?.number) ?? null,
    };
  });
  return all.sort((a, b) => Number(b.card !== null) - Number(a.card !== null));
}

/** The places whose card a profile knows. */
export function cards(state: State): (Place & { card: CardInfo })[] {
  return places(state).filter(
    (place): place is Place & { card: CardInfo } => place.card?.card.card === 'known',
  );
}

/** The certificate by which the card says whose it is. */
export function identity(place: Place): CertificateInfo | null {
  return (
    place.certificates.find((one) => one.role === 'authentication') ?? place.certificates[0] ?? null
  );
}

export const DAY = 24 * 60 * 60 * 1000;
/** From so many days before its end a certificate can be renewed in good time. */
export const SOON = 60;

/** Days until then, begun ones counted; 0 or less when it is over. */
export function daysUntil(time: string, now: Date): number {
  return Math.ceil((new Date(time).getTime() - now.getTime()) / DAY);
}

/** The one thing that is to be done with a card now. */
export type Next =
  | 'forged'
  | 'channel-unsupported'
  | 'can'
  | 'unfinished'
  | 'set-pin'
  | 'unblock'
  | 'issuer'
  | 'suspended-pin'
  | 'no-certificates'
  | 'not-yet'
  | 'ended'
  | 'renew'
  | 'look';

/** What comes first, whatever else there is to do. */
export function next(place: Place & { card: CardInfo }, now: Date): Next {
  const { card, task } = place;
  if (card.genuineness === 'forged') return 'forged';
  if (card.pace === 'unsupported') return 'channel-unsupported';
  if (card.pace === 'needs-can') return 'can';
  if (task && !task.running) return 'unfinished';
  switch (card.pin?.state) {
    case 'not-activated':
      return 'set-pin';
    case 'blocked':
      return 'unblock';
    case 'unblocking-blocked':
      return 'issuer';
    case 'suspended':
      return 'suspended-pin';
  }
  const certificate = identity(place);
  if (!certificate) return 'no-certificates';
  if (new Date(certificate.not_before) > now) return 'not-yet';
  const left = daysUntil(certificate.not_after, now);
  if (left <= 0) return 'ended';
  return left <= SOON ? 'renew' : 'look';
}

/** The practice card that is put in as this reader. */
export function practiceIn(state: State, reader: string): PracticeCardInfo | null {
  return state.practice_cards.find((one) => one.inserted?.reader === reader) ?? null;
}

/** Hexadecimal digits in pairs, as they are read aloud and compared. */
export function inPairs(digits: string): string {
  return (
    digits
      .toUpperCase()
      .match(/.{1,2}/g)
      ?.join(' ') ?? ''
  );
}

/** A certificate as programs take it, RFC 7468. */
export function pem(der: string): string {
  const lines = der.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** base64. */
export function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

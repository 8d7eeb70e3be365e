/** What a person keeps of what was done: a text file. */
import { presentable } from './problem';
import type { CertificateState } from './generated/protocol';
import { moment, t, word } from './words.svelte';

interface Done {
  became: { serial: string; state: CertificateState; name: string | null }[];
  practice: boolean;
  at: Date;
}

export function receipt(what: string, done: Done): string {
  const certificates = done.became.map((one) => {
    const name = one.name ? ` (${presentable(one.name)})` : '';
    return `${t('detail-serial')}: ${one.serial}${name}: ${word(`certificate-state-${one.state}`)}`;
  });
  const lines = [
    t('receipt-title'),
    '',
    t(`manage-${what}-done`),
    `${t('receipt-time')}: ${moment(done.at)} (${done.at.toISOString()})`,
    ...certificates,
    '',
    done.practice ? t('receipt-practice') : t('receipt-proof'),
    '',
  ];
  return lines.join('\n');
}

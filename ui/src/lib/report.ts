/** A check-up for whoever helps: states and codes alone, so there is nobody's name in it. */
import type { Finding } from './generated/protocol';

export function report(findings: Finding[], version: string, at: Date): string {
  const lines = findings.map((finding) => {
    const code = finding.failure ? ` ${finding.failure.code}` : '';
    return `${finding.check}: ${finding.state}${code}`;
  });
  return [`Lichna ${version}, ${at.toISOString()}`, ...lines, ''].join('\n');
}

import { describe, expect, it } from 'vitest';
import { outcome } from '../../tests/fixtures';
import { addressOf, answerOf, secondsOf, serverOf } from './login';

describe('an address', () => {
  it.each([
    ['eid.egov.bg', 'https://eid.egov.bg/'],
    [' https://eid.egov.bg:8443/a?b=c ', 'https://eid.egov.bg:8443/a?b=c'],
    ['HTTPS://EID.egov.bg', 'https://eid.egov.bg/'],
  ])('%s is taken', (written, address) => expect(addressOf(written)).toBe(address));

  it.each(['', ' ', 'http://egov.bg', 'ftp://egov.bg', 'https://a:b@egov.bg', 'a b', 'https://'])(
    '“%s” is not',
    (written) => expect(addressOf(written)).toBeNull(),
  );

  it('names its server as people are told of it', () => {
    expect(serverOf('https://eid.egov.bg/a')).toBe('eid.egov.bg');
    expect(serverOf('https://localhost:8443/')).toBe('localhost:8443');
  });
});

describe('an answer', () => {
  it('of a page is its words, of anything else what it is', () => {
    const body = '<title>A</title><style>p{}</style><p>B &lt;b&gt;</p><script>C</script>';
    expect(answerOf(outcome({ body }))).toBe('A\nB <b>');
    expect(answerOf(outcome({ body, content_type: 'text/plain' }))).toBe(body);
    expect(answerOf(outcome({ body: 'a\r\n\n\n\nb\u202e', content_type: null }))).toBe('a\n\nb');
  });

  it('took as long as everything but the person', () => {
    expect(secondsOf(outcome())).toBeCloseTo(0.54);
  });
});

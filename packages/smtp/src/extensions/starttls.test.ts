import { describe, expect, it } from 'vitest';
import { envelope, findEvent, hello, playServer } from '../../test/support.ts';

describe('STARTTLS', () => {
  it('RFC 3207 §4.2: what was said in clear text is forgotten, what came behind the command is thrown away', async () => {
    const { events, resets } = await playServer(
      `${hello(9)}${envelope}
      C- STARTTLS\\r\\nMAIL FROM:<evil@example.org>\\r\\n
      S: 220 2.0.0 Ready to start TLS
      C: MAIL FROM:<a@example.org>
      S: 503 5.5.1 Say hello first
      C: EHLO client.example
      ${'S: 250-…\n'.repeat(7)}S: 250 LIMITS RCPTMAX=1000
      C: STARTTLS
      S: 503 …`,
      { tlsAvailable: true },
    );
    expect(findEvent(events, 'clear-text-discarded')).toMatchObject({ bytes: 30 });
    expect(resets).toEqual(['starttls']);
  });

  it('RFC 3207 §4: 454 where there is no TLS, 501 with an argument', async () => {
    await playServer(`${hello(8)}\nC: STARTTLS x\nS: 501 …\nC: STARTTLS\nS: 454 4.7.0 …`);
  });

  it('RFC 3207 §4: 530 to all but NOOP, EHLO, STARTTLS and QUIT where TLS is required', async () => {
    await playServer(
      `S: 220 …
      C: RSET
      S: 530 5.7.0 Must issue a STARTTLS command first
      C: NOOP
      S: 250 …
      C: BDAT 6
      C: QUIT
      S: 530 …
      ${hello(9).replace('S: 220 …\n', '')}
      C: MAIL FROM:<a@example.org>
      S: 530 …
      C: QUIT
      S: 221 …`,
      { tlsAvailable: true, tlsRequired: true },
    );
  });
});

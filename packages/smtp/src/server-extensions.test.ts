import { fromUtf8, ManualClock, toLatin1 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { playServer, RecordingService, reply, serverOptions, testTls } from '../test/support.ts';
import {
  authParameter,
  bodyParameter,
  envidParameter,
  notifyParameter,
  orcptParameter,
  retParameter,
  type SmtpServerEvent,
  SmtpServerSession,
  sizeParameter,
} from './index.ts';

/** Greeting and EHLO with so many lines of reply. */
function hello(lines: number, verb = 'EHLO'): string {
  return `S: 220 …\nC: ${verb} client.example\n${'S: 250-…\n'.repeat(lines - 1)}S: 250 …\n`;
}

const envelope = `
C: MAIL FROM:<a@example.org>
S: 250 …
C: RCPT TO:<b@foo.com>
S: 250 …
`;

function find<Type extends SmtpServerEvent['type']>(
  events: readonly SmtpServerEvent[],
  type: Type,
): Extract<SmtpServerEvent, { readonly type: Type }> | undefined {
  return events.find((event): event is Extract<SmtpServerEvent, { readonly type: Type }> => event.type === type);
}

describe('order of commands', () => {
  it('RFC 5321 §4.1.4: what may come before EHLO, and what not', async () => {
    await playServer(`S: 220 foo.com ESMTP ready
      C: NOOP whatever
      S: 250 2.0.0 OK
      C: RSET
      S: 250 2.0.0 OK
      C: VRFY x
      S: 252 …
      C: EXPN list
      S: 502 5.5.1 …
      C: MAIL FROM:<a@b.example>
      S: 503 5.5.1 Say hello first
      C: LHLO x
      S: 500 5.5.1 …
      C: SEND FROM:<a@b.example>
      S: 503 …
      C: BOGUS
      S: 500 5.5.1 Command not recognized
      C:
      S: 500 …
      C: EHLO
      S: 501 5.5.4 …
      C: HELO client.example
      S: 250 foo.com
      C: RCPT TO:<b@foo.com>
      S: 503 5.5.1 Need MAIL before this
      C: DATA
      S: 503 5.5.1 Need MAIL before this
      C: MAIL FROM:<a@b.example>
      S: 250 …
      C: MAIL FROM:<a@b.example>
      S: 503 5.5.1 A mail transaction is open already
      C: DATA
      S: 503 5.5.1 Need RCPT before this
      C: QUIT now
      S: 501 5.5.4 …
      C: quit
      S: 221 2.0.0 foo.com closing`);
  });

  it('RFC 5321 §4.1.4: EHLO within a transaction ends it', async () => {
    const { resets } = await playServer(`${hello(8)}${envelope}
      C: EHLO again.example
      ${'S: 250-…\n'.repeat(7)}S: 250 …
      C: DATA
      S: 503 …`);
    expect(resets).toEqual(['hello']);
  });

  it('RFC 5321 §4.1.1.11: parameters that no extension defines get 555, those after HELO too', async () => {
    await playServer(`S: 220 …
      C: HELO client.example
      S: 250 foo.com
      C: MAIL FROM:<a@b.example> SIZE=10
      S: 555 5.5.4 …
      ${hello(8).replace('S: 220 …\n', '')}
      C: MAIL FROM:<a@b.example> FOO=10
      S: 555 5.5.4 …
      C: MAIL FROM:<a@b.example> RET=FULL
      S: 555 5.5.4 …
      C: MAIL FROM:<a@b.example> SIZE=x
      S: 501 5.5.4 …
      C: MAIL FROM:<a@b.example> SIZE=1 size=1
      S: 501 5.5.4 …
      C: MAIL FROM:<a@b.example> =1
      S: 501 5.5.4 …
      C: MAIL FROM:<a@b.example>SIZE=1
      S: 501 5.5.4 …`);
  });

  it('RFC 5321 §3.1: a service may send a client away before the greeting', async () => {
    const options = { askOnConnect: true };
    await playServer('S: 554 5.7.1 no\nC: EHLO x\nS: 503 …\nC: QUIT\nS: 221 …', options, {
      answer: (event) => (event.type === 'connect' ? reply(554, '5.7.1', 'no') : undefined),
    });
    await playServer('S: 220 …', options);
  });

  it('RFC 5321 §4.1.1.3: Postmaster without a domain is one of this host, source routes are dropped', async () => {
    const { messages } = await playServer(`${hello(8)}
      C: MAIL FROM: <@relay.example:a@b.example>
      S: 250 …
      C: RCPT TO:<postMASTER>
      S: 250 …
      C: rcpt to:c@foo.com
      S: 250 …
      C: RCPT TO:<>
      S: 501 …
      C: RCPT TO:<a b@foo.com>
      S: 501 5.1.3 …
      C: RCPT TO:<"a b"@foo.com>
      S: 250 …
      C: DATA
      S: 354 …
      C: .
      S: 250 …`);
    expect(messages).toMatchObject([
      { sender: 'a@b.example', recipients: ['postMASTER@foo.com', 'c@foo.com', '"a b"@foo.com'], content: '' },
    ]);
  });
});

describe('limits', () => {
  it('RFC 5321 §4.5.3.1.10: too many recipients get 452', async () => {
    await playServer(
      `${hello(8)}${envelope}
      C: RCPT TO:<c@foo.com>
      S: 452 4.5.3 …
      C: DATA
      S: 354 …
      C: .
      S: 250 …`,
      { limits: { recipients: 1 } },
    );
  });

  it('RFC 1870 §6.1: a message declared too large gets 552 at once, one that is after its end', async () => {
    const { resets, messages } = await playServer(
      `${hello(8)}
      C: MAIL FROM:<a@example.org> SIZE=101
      S: 552 5.3.4 …${envelope}
      C: DATA
      S: 354 …
      C: ${'x'.repeat(99)}
      C: RCPT TO:<not@a.command>
      C: .
      S: 552 5.3.4 Message size exceeds the limit
      C: NOOP
      S: 250 …`,
      { limits: { messageBytes: 100 } },
    );
    expect(resets).toEqual(['protocol']);
    expect(messages).toEqual([]);
  });

  it('a message without end is not read to its end', async () => {
    const { types } = await playServer(
      `${hello(8)}${envelope}
      C: DATA
      S: 354 …
      C: ${'x'.repeat(99)}
      C: ${'x'.repeat(200)}
      S: 552 5.3.4 …`,
      { limits: { messageBytes: 100 } },
    );
    expect(types.at(-1)).toBe('close');
  });

  it('RFC 5321 §4.5.3.1.9: a line too long gets 500, once, and the rest of it is no command', async () => {
    await playServer(
      `S: 220 …
      C: NOOP ${'x'.repeat(200)} QUIT
      S: 500 5.5.2 Line too long
      C- NOOP ${'x'.repeat(64)}
      S: 500 5.5.2 Line too long
      C- QUIT
      C-
      C: QUIT
      C: NOOP
      S: 250 …`,
      { limits: { commandLineBytes: 64 } },
    );
  });

  it('too many errors, and too many commands for nothing, end the session', async () => {
    const errors = await playServer('S: 220 …\nC: X\nS: 500 …\nC: X\nS: 500 …\nC: X\nS: 421 4.7.0 …', { limits: { errors: 2 } });
    expect(errors.types.at(-1)).toBe('close');
    await playServer('S: 220 …\nC: NOOP\nS: 250 …\nC: NOOP\nS: 250 …\nC: NOOP\nS: 421 4.7.0 …', { limits: { idleCommands: 2 } });
  });

  it('guessing recipients ends the session', async () => {
    await playServer(
      `${hello(8)}
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: RCPT TO:<a@foo.com>
      S: 550 …
      C: RCPT TO:<b@foo.com>
      S: 421 …`,
      { limits: { refusedRecipients: 1 } },
      { answer: (event) => (event.type === 'recipient' ? reply(550, '5.1.1', 'no') : undefined) },
    );
  });

  it('RFC 9422 §3: MAILMAX is kept', async () => {
    await playServer(
      `S: 220 …
      C: EHLO x
      ${'S: 250-…\n'.repeat(7)}S: 250 LIMITS MAILMAX=1 RCPTMAX=1000${envelope}
      C: DATA
      S: 354 …
      C: .
      S: 250 …
      C: MAIL FROM:<a@example.org>
      S: 421 4.7.0 …`,
      { limits: { transactions: 1 } },
    );
  });

  it('RFC 5321 §4.5.3.2.7: a client that says nothing gets 421', () => {
    const clock = new ManualClock();
    const session = new SmtpServerSession({ mode: 'smtp', hostname: 'foo.com', clock });
    session.takeOutput();
    expect(session.deadline).toBe(300_000);
    clock.advance(299_000);
    session.receive(new Uint8Array([0x4e]));
    session.next();
    expect(session.deadline).toBe(300_000);
    clock.advance(1_000);
    session.expire();
    expect(toLatin1(session.takeOutput() ?? new Uint8Array())).toBe('421 4.4.2 Idle for too long, closing\r\n');
    expect(session.next()).toEqual({ type: 'close' });
    expect(session.deadline).toBeUndefined();
  });

  it('RFC 5321 §3.8: a server that stops says 421 between commands, and lets a message come to its end', async () => {
    const idle = new SmtpServerSession({ mode: 'smtp', hostname: 'foo.com', clock: new ManualClock() });
    idle.takeOutput();
    idle.shutdown();
    expect(idle.next()).toEqual({ type: 'close' });
    expect(toLatin1(idle.takeOutput() ?? new Uint8Array())).toMatch(/^421 4\.3\.2 /);
  });

  it('RFC 5321 §3.8: a message under way comes to its end before the server stops', async () => {
    const session = new SmtpServerSession(serverOptions());
    session.receive(fromUtf8('EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@foo.com>\r\nDATA\r\n'));
    const service = new RecordingService();
    const pump = async (): Promise<void> => {
      for (let event = session.next(); event; event = session.next()) await service.handle(session, event);
    };
    await pump();
    session.shutdown();
    session.receive(fromUtf8('te'));
    await pump();
    session.takeOutput();
    session.receive(fromUtf8('xt\r\n.\r\nNOOP\r\n'));
    await pump();
    expect(service.messages).toMatchObject([{ content: 'text\r\n' }]);
    expect(toLatin1(session.takeOutput() ?? new Uint8Array())).toMatch(/^250 [^\r]*\r\n421 4\.3\.2 [^\r]*\r\n$/);
  });
});

describe('CHUNKING', () => {
  it('RFC 3030 §4.1: simple chunking, pipelined', async () => {
    const { messages } = await playServer(`${hello(8)}
      C: MAIL FROM:<a@example.org>
      C: RCPT TO:<b@foo.com>
      C: BDAT 5
      C- .\\r\\nab
      C: bdat 3 last
      C- c\\r\\n
      S: 250 2.1.0 OK
      S: 250 2.1.5 OK
      S: 250 2.0.0 5 octets received
      S: 250 2.0.0 OK, message accepted
      C: NOOP
      S: 250 …`);
    expect(messages).toMatchObject([{ content: '.\r\nabc\r\n' }]);
  });

  it('RFC 3030 §2: refused chunks are thrown away, none of them is a command', async () => {
    const { resets } = await playServer(`${hello(8)}
      C: BDAT 6
      C: QUIT
      S: 503 5.5.1 Need MAIL before this
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: BDAT 6 LAST
      C: QUIT
      S: 503 5.5.1 Need RCPT before this
      C: RCPT TO:<b@foo.com>
      S: 250 …
      C: BDAT 0
      S: 250 2.0.0 0 octets received
      C: DATA
      S: 503 …
      C: RCPT TO:<c@foo.com>
      S: 503 …
      C: RSET
      S: 250 …
      C: BDAT six
      S: 501 5.5.4 …`);
    expect(resets).toEqual(['rset']);
  });

  it('RFC 3030 §2: a message refused at its start fails with its first chunk, and the next ones too', async () => {
    await playServer(
      `${hello(8)}${envelope}
      C: BDAT 6
      C: QUIT
      C: BDAT 6 LAST
      C: QUIT
      S: 554 5.7.1 no
      S: 503 …
      C: NOOP
      S: 250 …`,
      {},
      { answer: (event) => (event.type === 'message-start' ? reply(554, '5.7.1', 'no') : undefined) },
    );
  });

  it('RFC 1870 §6.3: chunks beyond the largest size', async () => {
    const { resets } = await playServer(
      `${hello(8)}${envelope}
      C: BDAT 8
      C- 12345678
      S: 250 …
      C: BDAT 4 LAST
      C- 9012
      S: 552 …
      C: BDAT 11
      C- 12345678901
      S: 503 …
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: RCPT TO:<b@foo.com>
      S: 250 …
      C: BDAT 11
      C- 12345678901
      S: 552 …
      C: BDAT 999999999999999
      S: 503 …`,
      { limits: { messageBytes: 10 } },
    );
    expect(resets).toEqual(['protocol', 'protocol']);
  });

  it('RFC 2033 §4.3: in LMTP a reply for each recipient, none without recipients', async () => {
    await playServer(
      `${hello(8, 'LHLO')}
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: BDAT 2 LAST
      C:
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: RCPT TO:<b@foo.com>
      S: 250 …
      C: RCPT TO:<b@foo.com>
      S: 250 …
      C: BDAT 2 LAST
      C:
      S: 250 …
      S: 250 …`,
      { mode: 'lmtp' },
    );
  });

  it('RFC 3030 §3: BINARYMIME goes by BDAT, and may hold anything', async () => {
    const { messages } = await playServer(
      `${hello(9)}
      C: MAIL FROM:<a@example.org> BODY=BINARYMIME
      S: 250 …
      C: RCPT TO:<b@foo.com>
      S: 250 …
      C: DATA
      S: 503 …
      C: BDAT 4 LAST
      C- \\n\\0\\r\\xff
      S: 250 …`,
      { binaryMime: true },
    );
    expect(messages).toMatchObject([{ content: '\n\0\r\xff' }]);
    await playServer(`${hello(8)}\nC: MAIL FROM:<a@example.org> BODY=BINARYMIME\nS: 555 …`);
  });

  it.each(['\\n', '\\r', 'a\\nb', 'a\\rb', '\\r\\r\\n', '\\n\\r\\n'])(
    'RFC 3030 §2: text in chunks has lines with CR LF: %s is refused',
    async (text) => {
      const length = text.replaceAll(/\\./g, '.').length;
      await playServer(`${hello(8)}${envelope}\nC: BDAT ${length} LAST\nC- ${text}\nS: 554 5.6.0 …`);
    },
  );
});

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
    expect(find(events, 'clear-text-discarded')).toMatchObject({ bytes: 30 });
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

describe('AUTH', () => {
  const plain = btoa('\0user\0secret');

  it('RFC 4954 §4.1: PLAIN under TLS; nothing but it and LOGIN and SCRAM is offered by default', async () => {
    const { events, session } = await playServer(
      `S: 220 …
      C: EHLO x
      S: 250-foo.com
      S: 250-PIPELINING
      S: 250-SIZE 52428800
      S: 250-AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN
      ${'S: 250-…\n'.repeat(4)}S: 250-DSN
      S: 250 LIMITS …
      C: MAIL FROM:<a@example.org>
      S: 530 5.7.0 Authentication required
      C: AUTH PLAIN ${plain}
      S: 235 2.7.0 Authentication succeeded
      C: AUTH PLAIN ${plain}
      S: 503 5.5.1 …
      C: MAIL FROM:<a@example.org> AUTH=b+2Bc@example.org RET=hdrs ENVID=x+20y BODY=8bitmime SIZE=5
      S: 250 …
      C: RCPT TO:<b@foo.com> NOTIFY=failure,delay ORCPT=rfc822;b@foo.com
      S: 250 …
      C: RCPT TO:<b@foo.com> NOTIFY=NEVER,DELAY
      S: 501 5.5.4 …`,
      { mode: 'submission', tls: testTls, sasl: {} },
    );
    expect(session.facts.login).toMatchObject({ authcid: 'user', mechanism: 'PLAIN' });
    const mail = find(events, 'mail');
    expect(mail?.parameters.get(authParameter)).toBe('b+c@example.org');
    expect(mail?.parameters.get(retParameter)).toBe('HDRS');
    expect(mail?.parameters.get(envidParameter)).toBe('x y');
    expect(mail?.parameters.get(bodyParameter)).toBe('8BITMIME');
    expect(mail?.parameters.get(sizeParameter)).toBe(5);
    const recipient = find(events, 'recipient');
    expect(recipient?.parameters.get(notifyParameter)).toEqual(['FAILURE', 'DELAY']);
    expect(recipient?.parameters.get(orcptParameter)).toEqual({ type: 'rfc822', address: 'b@foo.com' });
  });

  it('RFC 4954 §4: without an initial response, cancelled, not base64, too long', async () => {
    await playServer(
      `${hello(10)}
      C: AUTH PLAIN
      S: 334 
      C: *
      S: 501 5.7.0 Authentication cancelled
      C: AUTH PLAIN
      S: 334 
      C: =AAA
      S: 501 5.5.2 Not base64
      C: AUTH PLAIN
      S: 334 
      C: ${'A'.repeat(12_300)}
      S: 500 5.5.6 …
      C: NOOP
      S: 250 …
      C: AUTH
      S: 501 …
      C: AUTH NTLM
      S: 504 5.5.4 …
      C: AUTH PLAIN
      S: 334 
      C: ${plain}
      S: 235 …`,
      { mode: 'submission', tls: testTls, sasl: {} },
    );
  });

  it('RFC 4954 §6: 538 where only TLS is missing', async () => {
    await playServer(`${hello(10)}\nC: AUTH PLAIN ${plain}\nS: 538 5.7.11 …`, { mode: 'submission', sasl: {} });
  });

  it('RFC 4954 §4: failed logins are told, counted, and end the session', async () => {
    const wrong = btoa('\0user\0wrong');
    const { events, types } = await playServer(
      `${hello(10)}\n${`C: AUTH PLAIN ${wrong}\nS: 535 5.7.8 …\n`.repeat(2)}C: AUTH PLAIN ${wrong}\nS: 421 4.7.0 …`,
      { mode: 'submission', tls: testTls, sasl: {}, limits: { failedLogins: 2 } },
    );
    expect(events.filter(({ type }) => type === 'authentication-failed')).toHaveLength(3);
    expect(types.at(-1)).toBe('close');
  });

  it('RFC 4954 §4: not within a transaction', async () => {
    await playServer(`${hello(9)}${envelope}\nC: AUTH PLAIN ${plain}\nS: 503 …`, { tls: testTls, sasl: {} });
  });
});

describe('SMTPUTF8', () => {
  it('RFC 6531 §3.5: an address beyond ASCII needs the parameter', async () => {
    const { messages } = await playServer(`${hello(8)}
      C: MAIL FROM:<\\xc3\\xa9@example.org>
      S: 550 5.6.7 …
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: RCPT TO:<\\xc3\\xa9@foo.com>
      S: 553 5.6.7 …
      C: RSET
      S: 250 …
      C: MAIL FROM:<\\xc3\\xa9@b\\xc3\\xbccher.example> SMTPUTF8
      S: 250 …
      C: RCPT TO:<\\xe9@foo.com>
      S: 501 5.5.2 Not UTF-8
      C: RCPT TO:<\\xc3\\xa9@foo.com>
      S: 250 …
      C: DATA
      S: 354 …
      C: .
      S: 250 …`);
    expect(messages).toMatchObject([{ sender: 'é@bücher.example', recipients: ['é@foo.com'] }]);
  });
});

describe('LMTP', () => {
  it('RFC 2033 §4.2: a reply for each recipient after the data; RFC 2033 §4.1: no EHLO', async () => {
    await playServer(
      `S: 220 foo.com LMTP ready
      C: EHLO x
      S: 500 …
      ${hello(8, 'LHLO').replace('S: 220 …\n', '')}
      C: MAIL FROM:<chris@bar.com>
      S: 250 …
      C: DATA
      S: 503 …
      C: RCPT TO:<pat@foo.com>
      S: 250 …
      C: RCPT TO:<jones@foo.com>
      S: 550 …
      C: RCPT TO:<green@foo.com>
      S: 250 …
      C: DATA
      S: 354 …
      C: Blah blah blah...
      C: .
      S: 250 2.0.0 OK
      S: 452 4.2.2 <green@foo.com> is temporarily over quota
      C: QUIT
      S: 221 …`,
      { mode: 'lmtp' },
      {
        answer: (event) => {
          if (event.type === 'recipient' && event.recipient.localpart === 'jones') return reply(550, '5.1.1', 'no');
          if (event.type !== 'message-end') return undefined;
          return [reply(250, '2.0.0', 'OK'), reply(452, '4.2.2', '<green@foo.com> is temporarily over quota')];
        },
      },
    );
  });
});

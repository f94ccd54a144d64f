import { fromUtf8, ManualClock, Secret } from '@mox/runtime';
import { answerSaslClientLookup } from '@mox/sasl';
import { describe, expect, it } from 'vitest';
import { playDialogue } from '../../../tools/dialogue.ts';
import { testTls } from '../test/support.ts';
import {
  type SmtpClientEvent,
  type SmtpClientOptions,
  SmtpClientSession,
  type SmtpEnvelope,
  SmtpError,
  type SmtpSendResult,
} from './index.ts';

interface Job {
  readonly envelope?: SmtpEnvelope;
  readonly content?: readonly string[];
}

const simple: SmtpEnvelope = { sender: 'a@example.org', recipients: [{ address: 'b@example.net' }] };

async function play(
  script: string,
  job: Job = {},
  options: Partial<SmtpClientOptions> = {},
): Promise<{ results: SmtpSendResult[]; types: string[] }> {
  const session = new SmtpClientSession({ hostname: 'client.example', clock: new ManualClock(), ...options });
  const results: SmtpSendResult[] = [];
  const events = await playDialogue<SmtpClientEvent>(session, script, {
    role: 'client',
    on: async (event) => {
      if (event.type === 'start-tls') session.upgraded(testTls);
      if (event.type === 'lookup') session.answerLookup(await answerSaslClientLookup(event.lookup));
      if (event.type === 'ready' && job.envelope) session.send(job.envelope);
      if (event.type === 'content-wanted') {
        for (const piece of job.content ?? ['text\r\n']) session.write(fromUtf8(piece));
        session.endContent();
      }
      if (event.type === 'result') {
        results.push(event.result);
        session.quit();
      }
    },
  });
  return { results, types: events.map(({ type }) => type) };
}

const greet = `
S: 220 mx.example.net ESMTP
C: EHLO client.example
`;
const bye = `
C: QUIT
S: 221 bye`;

describe('opening', () => {
  it('RFC 5321 §3.2: HELO where EHLO is not known', async () => {
    const { types } = await play(`${greet}
      S: 502 Command not implemented
      C: HELO client.example
      S: 250 mx.example.net`);
    expect(types).toEqual(['ready']);
  });

  it('RFC 5321 §3.1: a greeting of 554 ends it', async () => {
    const { types } = await play('S: 554 no SMTP service here\nC: QUIT');
    expect(types).toEqual(['failed', 'close']);
  });

  it('RFC 3207 §4.2: says EHLO again under TLS, and believes only what it hears there', async () => {
    const { types } = await play(
      `${greet}
      S: 250-mx.example.net
      S: 250-PIPELINING
      S: 250 STARTTLS
      C: STARTTLS
      S: 220 go
      C: EHLO client.example
      S: 250 mx.example.net
      C: MAIL FROM:<a@example.org>
      S: 550 no
      C: RSET
      S: 250 ok
      ${bye}`,
      { envelope: simple },
    );
    expect(types).toEqual(['start-tls', 'ready', 'result', 'close']);
  });

  it('RFC 3207 §6: bytes in clear text behind the 220 are thrown away', async () => {
    const { types } = await play(`${greet}
      S: 250-mx.example.net
      S: 250 STARTTLS
      C: STARTTLS
      S- 220 go\\r\\n250-injected\\r\\n250 AUTH PLAIN\\r\\n
      C: EHLO client.example
      S: 250 mx.example.net`);
    expect(types).toEqual(['start-tls', 'ready']);
  });

  it('RFC 3207 §4: nothing is sent without TLS where it is required', async () => {
    const { types } = await play(`${greet}\nS: 250 mx.example.net\nC: QUIT`, { envelope: simple }, { startTls: 'required' });
    expect(types).toEqual(['failed', 'close']);
  });

  it.each(['banner', '99 low', '600 high', '220x', '220-a\\r\\nS: 221 b'])('RFC 5321 §4.2: %s is no reply', async (text) => {
    const { types } = await play(`S- ${text.replace('S: ', '')}\\r\\n\nC: QUIT`);
    expect(types).toEqual(['failed', 'close']);
  });

  it('RFC 5321 §4.5.3.2: a server that says nothing is left', async () => {
    const clock = new ManualClock();
    const session = new SmtpClientSession({ hostname: 'client.example', clock });
    expect(session.next()).toBeUndefined();
    expect(session.deadline).toBe(300_000);
    clock.advance(300_000);
    session.expire();
    expect(session.next()).toMatchObject({ type: 'failed', problem: { code: 'timeout' } });
    expect(session.next()).toEqual({ type: 'close' });
    expect(session.deadline).toBeUndefined();
  });
});

describe('authentication', () => {
  const credentials = { username: 'user', password: new Secret('pencil') };

  it('RFC 4954 §4: PLAIN with an initial response, under TLS alone', async () => {
    const login = `${greet}\nS: 250-mx.example.net\nS: 250 AUTH PLAIN`;
    expect((await play(`${login}\nC: AUTH PLAIN AHVzZXIAcGVuY2ls\nS: 235 2.7.0 ok`, {}, { credentials, tls: testTls })).types).toEqual([
      'ready',
    ]);
    expect((await play(`${login}\nC: QUIT`, {}, { credentials })).types).toEqual(['failed', 'close']);
  });

  it('RFC 4954 §6: 535 ends the session', async () => {
    const { types } = await play(
      `${greet}\nS: 250-mx.example.net\nS: 250 AUTH PLAIN\nC: AUTH PLAIN AHVzZXIAcGVuY2ls\nS: 535 5.7.8 no\nC: QUIT`,
      {},
      { credentials, tls: testTls },
    );
    expect(types).toEqual(['failed', 'close']);
  });

  it('RFC 4954 §4: a challenge that is not base64 is cancelled with *', async () => {
    const { types } = await play(
      `${greet}\nS: 250-mx.example.net\nS: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 334 not-base64!\nC: *\nS: 501 cancelled\nC: QUIT`,
      {},
      { credentials, tls: testTls },
    );
    expect(types).toEqual(['failed', 'close']);
  });
});

describe('sending', () => {
  const capable = `${greet}\nS: 250-mx.example.net\nS: 250-PIPELINING\nS: 250-8BITMIME\nS: 250-CHUNKING\nS: 250-DSN\nS: 250-SMTPUTF8\nS: 250 SIZE 1000`;

  it('RFC 2920 §3.1: MAIL and RCPT go together, RFC 5321 §4.5.2: dots are doubled', async () => {
    const { results } = await play(
      `${capable}
      C: MAIL FROM:<a@example.org> SIZE=9
      C: RCPT TO:<b@example.net>
      C: RCPT TO:<c@example.net>
      S: 250 2.1.0 ok
      S: 250 2.1.5 ok
      S: 550 5.1.1 unknown
      C: DATA
      S: 354 go
      C: x
      C: ..
      C: ..y
      C: .
      S: 250 2.0.0 taken
      ${bye}`,
      {
        envelope: { sender: 'a@example.org', recipients: [{ address: 'b@example.net' }, { address: 'c@example.net' }], sizeBytes: 9 },
        content: ['x\r', '\n.', '\r\n', '.y'],
      },
    );
    expect(results).toEqual([
      {
        mail: { code: 250, enhanced: '2.1.0', text: 'ok' },
        data: { code: 250, enhanced: '2.0.0', text: 'taken' },
        contentChanged: false,
        recipients: [
          { address: 'b@example.net', status: 'accepted', reply: { code: 250, enhanced: '2.0.0', text: 'taken' } },
          { address: 'c@example.net', status: 'refused', reply: { code: 550, enhanced: '5.1.1', text: 'unknown' } },
        ],
      },
    ]);
  });

  it('RFC 3461 §4: DSN parameters, RFC 6531 §3.4: SMTPUTF8, RFC 6152 §2: BODY', async () => {
    await play(
      `${capable}
      C: MAIL FROM:<> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb
      C: RCPT TO:<b\u00c3\u00a9@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+3D@y
      S: 550 no
      S: 503 no
      C: RSET
      S: 250 ok
      ${bye}`,
      {
        envelope: {
          sender: '',
          body: '8BITMIME',
          ret: 'HDRS',
          envid: 'a+b',
          recipients: [
            { address: 'b\u00e9@example.net', notify: ['SUCCESS', 'DELAY'], originalRecipient: { type: 'rfc822', address: 'x=@y' } },
          ],
        },
      },
    );
  });

  it('RFC 3030 §2: BDAT sends counted octets as they are', async () => {
    const { results } = await play(
      `${capable}
      C: MAIL FROM:<a@example.org>
      C: RCPT TO:<b@example.net>
      S: 250 ok
      S: 250 ok
      C: BDAT 3
      C: .
      C: BDAT 5
      C: xyz
      C: BDAT 0 LAST
      S: 250 3 octets
      S: 250 5 octets
      S: 250 taken
      ${bye}`,
      { envelope: simple, content: ['.\r\n', '', 'xyz\r\n'] },
      { chunking: 'always' },
    );
    expect(results).toMatchObject([{ recipients: [{ status: 'accepted' }], contentChanged: false }]);
  });

  it('RFC 1870 §6.1: a message that is too large is not even begun', async () => {
    const { results } = await play(`${capable}${bye}`, { envelope: { ...simple, sizeBytes: 1001 } });
    expect(results).toMatchObject([{ recipients: [{ status: 'refused', problem: { code: 'message-too-big', enhanced: '5.3.4' } }] }]);
  });

  it('RFC 6531 §3.2: an international address needs SMTPUTF8', async () => {
    const { results } = await play(`${greet}\nS: 250 mx\n${bye}`, { envelope: { ...simple, sender: '\u00e9@example.org' } });
    expect(results).toMatchObject([{ recipients: [{ status: 'refused', problem: { code: 'not-offered', extension: 'SMTPUTF8' } }] }]);
  });

  it('RFC 8689 §2: REQUIRETLS is kept', async () => {
    const { results } = await play(`${capable}${bye}`, { envelope: { ...simple, requireTls: true } });
    expect(results).toMatchObject([{ recipients: [{ status: 'refused', problem: { enhanced: '5.7.30' } }] }]);
  });

  it('RFC 5321 §4.1.1.11: further parameters go to servers that offer their extension, and to no other', async () => {
    const envelope = {
      ...simple,
      recipients: [{ address: 'b@example.net', parameters: [{ extension: 'RRVS', text: 'RRVS=2014-04-03T23:01:00Z' }] }],
      parameters: [{ extension: 'MT-PRIORITY', text: 'MT-PRIORITY=3' }],
    };
    await play(
      `${greet}
      S: 250-mx.example.net
      S: 250 MT-PRIORITY
      C: MAIL FROM:<a@example.org> MT-PRIORITY=3
      S: 250 ok
      C: RCPT TO:<b@example.net>
      S: 550 no
      C: RSET
      S: 250 ok
      ${bye}`,
      { envelope },
    );
    const required = { ...simple, parameters: [{ extension: 'DELIVERBY', text: 'BY=120;R', required: true }] };
    const { results } = await play(`${capable}${bye}`, { envelope: required });
    expect(results).toMatchObject([{ recipients: [{ status: 'refused', problem: { code: 'not-offered', extension: 'DELIVERBY' } }] }]);
  });

  it('RFC 2033 §4.2: in LMTP each recipient has a reply; RFC 2033 §5: those that do not come are temporary failures', async () => {
    const script = `
      S: 220 lmtp
      C: LHLO client.example
      S: 250-lmtp
      S: 250 PIPELINING
      C: MAIL FROM:<a@example.org>
      C: RCPT TO:<b@example.net>
      C: RCPT TO:<c@example.net>
      C: RCPT TO:<d@example.net>
      S: 250 ok
      S: 250 ok
      S: 550 no
      S: 250 ok
      C: DATA
      S: 354 go
      C: text
      C: .
      S: 250 taken`;
    const recipients = ['b', 'c', 'd'].map((name) => ({ address: `${name}@example.net` }));
    const { results } = await play(`${script}\nS: 452 full\n${bye}`, { envelope: { ...simple, recipients } }, { protocol: 'lmtp' });
    expect(results[0]?.recipients.map(({ status }) => status)).toEqual(['accepted', 'refused', 'deferred']);
  });

  it('RFC 5321 §3.8: a connection lost before the last reply is a temporary failure', async () => {
    const session = new SmtpClientSession({ hostname: 'client.example', clock: new ManualClock() });
    session.receive(fromUtf8('220 x\r\n250 x\r\n'));
    expect(session.next()).toMatchObject({ type: 'ready' });
    session.send(simple);
    session.receive(fromUtf8('250 ok\r\n250 ok\r\n354 go\r\n'));
    expect(session.next()).toMatchObject({ type: 'content-wanted' });
    session.write(fromUtf8('x'));
    session.endContent();
    session.receiveEnd();
    expect(session.next()).toMatchObject({
      type: 'result',
      result: { recipients: [{ status: 'deferred', problem: { code: 'connection-closed' } }] },
    });
    expect(session.next()).toMatchObject({ type: 'failed' });
    expect(session.next()).toEqual({ type: 'close' });
    session.write(fromUtf8('late'));
    session.endContent();
  });

  it('RFC 5321 §2.3.8: bare CR and LF are never sent', async () => {
    const { results } = await play(
      `${greet}
      S: 250 mx
      C: MAIL FROM:<a@example.org>
      S: 250 ok
      C: RCPT TO:<b@example.net>
      S: 250 ok
      C: DATA
      S: 354 go
      C: a
      C: ..
      C: b
      C: 
      C: c
      C: .
      S: 250 taken
      ${bye}`,
      { envelope: simple, content: ['a\n.\r', 'b\r\r', '\nc\r'] },
    );
    expect(results).toMatchObject([{ contentChanged: true }]);
  });

  it('an address cannot end its command', () => {
    const session = new SmtpClientSession({ hostname: 'client.example', clock: new ManualClock() });
    session.receive(fromUtf8('220 x\r\n250 x\r\n'));
    session.next();
    expect(() => session.send({ ...simple, sender: 'a>\r\nRCPT TO:<x' })).toThrow(SmtpError);
    expect(() => session.write(fromUtf8('x'))).toThrow(SmtpError);
  });
});

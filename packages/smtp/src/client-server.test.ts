import { fromLatin1, ManualClock, Secret, type TlsInfo } from '@mox/runtime';
import { answerSaslClientLookup } from '@mox/sasl';
import { describe, expect, it } from 'vitest';
import { answerLookup, RecordingService } from '../test/support.ts';
import {
  type SmtpClientOptions,
  SmtpClientSession,
  type SmtpEnvelope,
  type SmtpSendResult,
  type SmtpServerOptions,
  SmtpServerSession,
} from './index.ts';

/** TLS as both ends of a connection see it: the same channel binding. */
const tls: TlsInfo = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  channelBindingTypes: ['tls-exporter'],
  channelBinding: (type) => (type === 'tls-exporter' ? new Uint8Array(32).fill(7) : undefined),
};

interface Wired {
  readonly results: readonly SmtpSendResult[];
  readonly failed: readonly string[];
  readonly service: RecordingService;
  readonly mechanism: string | undefined;
}

/** Wires a client to a server and sends messages until there are none. */
async function wire(
  messages: readonly { readonly envelope: SmtpEnvelope; readonly content: readonly string[] }[],
  server: Partial<SmtpServerOptions> = {},
  client: Partial<SmtpClientOptions> = {},
): Promise<Wired> {
  const clock = new ManualClock();
  const ours = new SmtpServerSession({ mode: 'smtp', hostname: 'mx.example', clock, ...server });
  const theirs = new SmtpClientSession({ hostname: 'client.example', clock, ...client });
  const service = new RecordingService();
  const results: SmtpSendResult[] = [];
  const failed: string[] = [];
  let at = 0;
  const step = async (): Promise<boolean> => {
    for (let event = ours.next(); event; event = ours.next()) {
      if (event.type === 'start-tls') ours.upgraded(tls);
      else if (event.type === 'lookup') ours.answerLookup(await answerLookup(event.lookup, 'pencil'));
      else await service.handle(ours, event);
    }
    const said = ours.takeOutput();
    if (said) theirs.receive(said);
    for (let event = theirs.next(); event; event = theirs.next()) {
      if (event.type === 'start-tls') theirs.upgraded(tls);
      if (event.type === 'lookup') theirs.answerLookup(await answerSaslClientLookup(event.lookup));
      if (event.type === 'failed') failed.push(event.problem.code);
      if (event.type === 'content-wanted') {
        for (const piece of messages[at]?.content ?? []) theirs.write(fromLatin1(piece));
        theirs.endContent();
        at++;
      }
      if (event.type === 'result') results.push(event.result);
      if (event.type !== 'ready' && event.type !== 'result') continue;
      const next = messages[at];
      if (next && results.length === at) theirs.send(next.envelope);
      else theirs.quit();
    }
    const answered = theirs.takeOutput();
    if (answered) ours.receive(answered);
    return said !== undefined || answered !== undefined;
  };
  while (await step());
  return { results, failed, service, mechanism: ours.facts.login?.mechanism };
}

const message = { envelope: { sender: 'a@example.org', recipients: [{ address: 'b@example.net' }] }, content: ['.a\r\n', '.\r\nb'] };

describe('our client and our server', () => {
  it('RFC 5321 §4.5.2: content arrives as it was given', async () => {
    const { service, results } = await wire([message, message]);
    expect(service.messages.map(({ content }) => content)).toEqual(['.a\r\n.\r\nb\r\n', '.a\r\n.\r\nb\r\n']);
    expect(results.every(({ recipients }) => recipients[0]?.status === 'accepted')).toBe(true);
  });

  it('RFC 3030 §2: by BDAT too, octet for octet', async () => {
    const content = ['.a\r\n', '.\r\nb\r\n'];
    const { service } = await wire([{ ...message, content }], {}, { chunking: 'always' });
    expect(service.messages.map((one) => one.content)).toEqual(['.a\r\n.\r\nb\r\n']);
    const octets = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
    const binary = { envelope: { ...message.envelope, body: 'BINARYMIME' as const }, content: [octets] };
    expect((await wire([binary], { binaryMime: true })).service.messages[0]?.content).toBe(octets);
    expect((await wire([binary])).results[0]?.recipients[0]?.problem?.code).toBe('not-offered');
  });

  it.each([
    ['SCRAM-SHA-256-PLUS', undefined],
    ['SCRAM-SHA-256', ['SCRAM-SHA-256', 'PLAIN']],
    ['SCRAM-SHA-1', ['SCRAM-SHA-1', 'LOGIN']],
    ['SCRAM-SHA-1-PLUS', ['SCRAM-SHA-1-PLUS', 'LOGIN']],
    ['PLAIN', ['PLAIN', 'LOGIN']],
    ['LOGIN', ['LOGIN']],
  ] as const)('RFC 4954 §4: logs in by %s behind STARTTLS', async (mechanism, mechanisms) => {
    const { service, ...wired } = await wire(
      [message],
      { mode: 'submission', tlsAvailable: true, sasl: mechanisms ? { mechanisms } : {} },
      { credentials: { username: 'user', password: new Secret('pencil') } },
    );
    expect(wired.failed).toEqual([]);
    expect(wired.mechanism).toBe(mechanism);
    expect(service.messages).toHaveLength(1);
  });

  it('RFC 4954 §6: a wrong password opens nothing', async () => {
    const { failed, service } = await wire(
      [message],
      { mode: 'submission', tlsAvailable: true, sasl: {} },
      { credentials: { username: 'user', password: new Secret('pen') } },
    );
    expect(failed).toEqual(['authentication-failed']);
    expect(service.messages).toEqual([]);
  });

  it('RFC 2033 §4.2: LMTP', async () => {
    const recipients = ['b', 'c'].map((name) => ({ address: `${name}@example.net` }));
    const { results } = await wire([{ ...message, envelope: { ...message.envelope, recipients } }], { mode: 'lmtp' }, { protocol: 'lmtp' });
    expect(results[0]?.recipients.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
  });

  it('RFC 6531 §3.4: international addresses', async () => {
    const { service } = await wire([
      { envelope: { sender: 'é@bücher.example', recipients: [{ address: '例@example.net' }] }, content: ['x\r\n'] },
    ]);
    expect(service.messages).toMatchObject([{ sender: 'é@bücher.example', recipients: ['例@example.net'] }]);
  });

  it('1,000 recipients and 5 MB go through in pieces', async () => {
    const recipients = Array.from({ length: 1_000 }, (_, i) => ({ address: `r${i}@example.net` }));
    const line = `${'x'.repeat(998)}\r\n`;
    const { service } = await wire([{ envelope: { ...message.envelope, recipients }, content: Array.from({ length: 5_000 }, () => line) }]);
    expect(service.messages[0]?.recipients).toHaveLength(1_000);
    expect(service.messages[0]?.content.length).toBe(5_000_000);
  });
});

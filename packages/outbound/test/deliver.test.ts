import { formatTlsaRecord, makeTlsaRecord } from '@mox/dane';
import type { OutgoingMessage, RecipientOutcome } from '@mox/outbound';
import { formatTrace } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { createCertificateAuthority, createSelfSignedCertificate, type IssuedCertificate, issueCertificate } from '@mox/x509';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, type Line, makeMessage, makeSender, type Script, startOwn, startScripted, stopAll } from './scripted-server.ts';

afterEach(stopAll);

const oneHost = 'example.org. MX 10 mx.example.org.\nmx.example.org. A 127.0.0.1';
const twoHosts = `${oneHost}\nexample.org. MX 20 backup.example.org.\nbackup.example.org. A 127.0.0.2`;

function summary(recipients: readonly RecipientOutcome[]): string {
  return recipients.map(({ status, code }) => `${status} ${code.class}.${code.subject}.${code.detail}`).join(', ');
}

async function deliver(script: Script, message: OutgoingMessage = makeMessage(1)): Promise<string> {
  const { port } = await startScripted('127.0.0.1', 0, script);
  return summary((await makeSender({ zone: oneHost, port })(message)).recipients);
}

describe('one host', () => {
  it.each<[string, Script, string]>([
    ['RFC 5321 §4.2.1: taken', {}, 'relayed-without-dsn 2.0.0'],
    ['RFC 3461 §5.2.2: taken by one that knows DSN', { ehlo: '250-mx.example\r\n250 DSN' }, 'relayed 2.0.0'],
    ['RFC 5321 §4.2.1: 5yz to RCPT', { rcpt: '550 5.1.1 nobody' }, 'failed 5.1.1'],
    ['RFC 5321 §4.2.1: 4yz to RCPT', { rcpt: '450 4.2.1 later' }, 'deferred 4.2.1'],
    ['RFC 5321 §4.2.1: 5yz to MAIL', { mail: '550 no' }, 'failed 5.0.0'],
    ['RFC 5321 §4.2.1: 5yz to DATA', { data: '554 5.6.0 no' }, 'failed 5.6.0'],
    ['RFC 5321 §4.2.1: 5yz to the content', { end: '554 5.7.1 spam' }, 'failed 5.7.1'],
    ['RFC 5321 §4.2.1: 4yz to the content', { end: '451 4.3.0 later' }, 'deferred 4.3.0'],
    ['RFC 5321 §3.1: 554 for a greeting', { greeting: '554 5.7.1 go away' }, 'failed 5.7.1'],
    ['RFC 5321 §3.8: 421 for a greeting', { greeting: '421 4.3.2 busy' }, 'deferred 4.3.2'],
    ['closed before a greeting', { greeting: 'CLOSE' }, 'deferred 4.4.2'],
    ['RFC 5321 §4.5.3.2: silence', { greeting: 'SILENCE' }, 'deferred 4.4.2'],
    ['no SMTP', { greeting: 'SSH-2.0-x' }, 'deferred 4.5.0'],
    ['closed after MAIL', { mail: 'CLOSE' }, 'deferred 4.4.2'],
    ['closed after the content', { end: 'CLOSE' }, 'deferred 4.4.2'],
    ['RFC 1870 §6.1: too big', { ehlo: '250-mx.example\r\n250 SIZE 3' }, 'failed 5.3.4'],
  ])('%s', async (_name, script, expected) => expect(await deliver(script)).toBe(expected));

  it('RFC 6531 §3.4: not without SMTPUTF8', async () => {
    expect(await deliver({}, makeMessage(1, { envelope: { internationalized: true } }))).toBe('failed 5.6.7');
  });

  it('RFC 5321 §3.3: each recipient by its own reply, in the order of the envelope', async () => {
    const rcpt = (address: string): Line =>
      address.startsWith('r1') ? '550 5.1.1 no' : address.startsWith('r2') ? '450 4.2.2 full' : '250 ok';
    expect(await deliver({ rcpt }, makeMessage(4))).toBe(
      'relayed-without-dsn 2.0.0, failed 5.1.1, deferred 4.2.2, relayed-without-dsn 2.0.0',
    );
  });

  it('RFC 9422 §4: no more recipients at once than announced', async () => {
    const server = await startScripted('127.0.0.1', 0, { ehlo: '250-mx.example\r\n250 LIMITS RCPTMAX=2' });
    const { recipients } = await makeSender({ zone: oneHost, port: server.port })(makeMessage(5));
    expect(new Set(recipients.map(({ status }) => status))).toEqual(new Set(['relayed-without-dsn']));
    expect(server.taken.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(server.connections).toBe(1);
  });

  it('nothing is listening', async () => {
    const attempt = await makeSender({ zone: oneHost, port: await freePort() })(makeMessage(2));
    expect(summary(attempt.recipients)).toBe('deferred 4.4.1, deferred 4.4.1');
  });

  it('what a server writes is kept bounded and printable', async () => {
    const { port } = await startScripted('127.0.0.1', 0, { rcpt: `550 5.1.1 \x1b[31m${'x'.repeat(3000)}` });
    const { recipients, trace } = await makeSender({ zone: oneHost, port })(makeMessage(1));
    expect(recipients[0]?.problem).toMatch(/^mx.example.org said: 550 5\.1\.1 \?\[31mx+\.\.\.$/);
    expect(JSON.stringify([recipients, trace]).length).toBeLessThan(4000);
    expect(formatTrace(trace)).toContain('recipient r0@example.org');
  });

  it('RFC 7505 §3: a null MX is final, and nothing is connected to', async () => {
    const { recipients } = await makeSender({ zone: 'example.org. MX 0 .' })(makeMessage(1));
    expect(summary(recipients)).toBe('failed 5.1.10');
  });

  it('RFC 5321 §5.1: an MX whose host has no address, and a host that is this one', async () => {
    expect(summary((await makeSender({ zone: 'example.org. MX 1 a.example.org.' })(makeMessage(1))).recipients)).toBe('failed 5.4.4');
    const sender = makeSender({ zone: oneHost, localAddresses: { ipv4: '127.0.0.1' } });
    expect(summary((await sender(makeMessage(1))).recipients)).toBe('failed 5.4.6');
  });

  it('RFC 5321 §4.1.3: an address literal', async () => {
    const { port } = await startScripted('127.0.0.1', 0, {});
    const attempt = await makeSender({ zone: '', port })(makeMessage(1, { nextHop: '[127.0.0.1]' }));
    expect(summary(attempt.recipients)).toBe('relayed-without-dsn 2.0.0');
    expect(attempt.tlsResults).toEqual([]);
  });

  it('the time for the attempt ends it', async () => {
    const { port } = await startScripted('127.0.0.1', 0, { mail: 'SILENCE' });
    const sender = makeSender({ zone: oneHost, port, limits: { attemptSeconds: 0.2 }, timeouts: {} });
    expect(summary((await sender(makeMessage(1))).recipients)).toMatch(/^deferred 4\.4\./);
  });

  it('a signal rejects; after a recipient was settled it does not', async () => {
    const silent = await startScripted('127.0.0.1', 0, { mail: 'SILENCE' });
    const signal = AbortSignal.timeout(100);
    await expect(makeSender({ zone: oneHost, port: silent.port })(makeMessage(1), { signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    const doubtful = await startScripted('127.0.0.1', 0, { end: 'SILENCE' });
    const sender = makeSender({ zone: oneHost, port: doubtful.port, limits: { graceSeconds: 0.1 } });
    const { recipients } = await sender(makeMessage(1), { signal: AbortSignal.timeout(300) });
    expect(recipients[0]).toMatchObject({ status: 'deferred', problem: expect.stringContaining('may have been taken') });
  });

  it('content that cannot be read is a fault of this machine, and no message', async () => {
    const server = await startScripted('127.0.0.1', 0, {});
    const content = async (): Promise<never> => Promise.reject(new Error('disk'));
    await expect(makeSender({ zone: oneHost, port: server.port })(makeMessage(1, { content }))).rejects.toThrow('disk');
    expect(server.taken).toEqual([]);
  });
});

describe('two hosts', () => {
  it.each<[string, Script, string, number]>([
    ['4yz to MAIL', { mail: '451 4.3.0 no' }, 'relayed-without-dsn 2.0.0', 1],
    ['421 for a greeting', { greeting: '421 busy' }, 'relayed-without-dsn 2.0.0', 1],
    ['4yz to the content', { end: '451 4.3.0 no' }, 'relayed-without-dsn 2.0.0', 1],
    ['RFC 1870 §6.1: too big for the first', { ehlo: '250-mx.example\r\n250 SIZE 3' }, 'relayed-without-dsn 2.0.0', 1],
    ['5yz to RCPT', { rcpt: '550 5.1.1 no' }, 'failed 5.1.1', 0],
    ['5yz to the content', { end: '554 5.6.0 no' }, 'failed 5.6.0', 0],
    ['no reply to the content: it may have been taken', { end: 'CLOSE' }, 'deferred 4.4.2', 0],
    ['taken', {}, 'relayed-without-dsn 2.0.0', 0],
  ])('RFC 5321 §5.1: %s', async (_name, script, expected, second) => {
    const { port } = await startScripted('127.0.0.1', 0, script);
    const backup = await startScripted('127.0.0.2', port, {});
    expect(summary((await makeSender({ zone: twoHosts, port })(makeMessage(1))).recipients)).toBe(expected);
    expect(backup.taken.length).toBe(second);
  });

  it('RFC 5321 §5.1: only those recipients go to the second that the first did not settle', async () => {
    const { port } = await startScripted('127.0.0.1', 0, { rcpt: (address) => (address.startsWith('r1') ? '450 4.2.1 later' : '250 ok') });
    const backup = await startScripted('127.0.0.2', port, {});
    await makeSender({ zone: twoHosts, port })(makeMessage(3));
    expect(backup.taken).toEqual([['r1@example.org']]);
  });

  it('property: one outcome a recipient, nobody gets it twice, whatever the servers say', async () => {
    const line = fc.constantFrom<Line>('250 ok', '354 go', '421 bye', '450 later', '550 no', 'CLOSE', 'nonsense', '250-a\r\n251 b');
    const script = fc.record({
      greeting: fc.oneof({ arbitrary: fc.constant('220 hi'), weight: 6 }, line),
      ehlo: fc.oneof({ arbitrary: fc.constant('250 mx'), weight: 6 }, line),
      mail: fc.oneof({ arbitrary: fc.constant('250 ok'), weight: 3 }, line),
      rcpt: fc.func(line),
      data: fc.oneof({ arbitrary: fc.constant('354 go'), weight: 3 }, line),
      end: line,
    });
    await fc.assert(
      fc.asyncProperty(script, script, async (first, second) => {
        const one = await startScripted('127.0.0.1', 0, first);
        const two = await startScripted('127.0.0.2', one.port, second);
        const { recipients } = await makeSender({ zone: twoHosts, port: one.port })(makeMessage(3));
        expect(recipients.map(({ address }) => address)).toEqual(['r0@example.org', 'r1@example.org', 'r2@example.org']);
        const taken = [...one.taken, ...two.taken].flat();
        expect(new Set(taken).size).toBe(taken.length);
        for (const { address, status, code } of recipients) {
          expect(code.class).toBe(status === 'failed' ? 5 : status === 'deferred' ? 4 : 2);
          if (status.startsWith('relayed')) expect(taken).toContain(address);
        }
        await stopAll();
      }),
      { numRuns: 60 },
    );
  });
});

describe('TLS', () => {
  const now = Date.now();
  const validity = { notBefore: now - 86_400_000, notAfter: now + 86_400_000 };
  let authority: IssuedCertificate;
  let good: IssuedCertificate;
  let other: IssuedCertificate;
  let self: IssuedCertificate;
  beforeAll(async () => {
    authority = await createCertificateAuthority({ commonName: 'Test CA', ...validity });
    good = await issueCertificate({ names: ['mx.example.org'], ...validity, issuer: authority });
    other = await issueCertificate({ names: ['other.example'], ...validity, issuer: authority });
    self = await createSelfSignedCertificate({ names: ['mx.example.org'], ...validity });
  });

  const tlsa = (certificate: IssuedCertificate, port: number, usage: number = 3): string =>
    `_${port}._tcp.mx.example.org. TLSA ${formatTlsaRecord(unwrap(makeTlsaRecord({ certificate: certificate.certificateDer }, { usage })))}`;
  const policy = (mode: string, mx: string = 'mx.example.org'): (() => Promise<Response>) => {
    const text = `version: STSv1\r\nmode: ${mode}\r\nmx: ${mx}\r\nmax_age: 604800\r\n`;
    return async () => new Response(text, { headers: { 'content-type': 'text/plain' } });
  };
  const stsRecord = '_mta-sts.example.org. TXT "v=STSv1; id=1;"';

  it.each<[string, () => readonly IssuedCertificate[], () => [IssuedCertificate, number], string, string[]]>([
    ['RFC 7672 §3.1.1: DANE-EE, self-signed', () => [self], () => [self, 3], 'relayed-without-dsn 2.0.0', []],
    [
      'RFC 7672 §3.1.2: DANE-TA, the authority in the chain',
      () => [good, authority],
      () => [authority, 2],
      'relayed-without-dsn 2.0.0',
      [],
    ],
    ['RFC 7672 §2.2: another certificate', () => [other], () => [self, 3], 'deferred 4.7.5', ['validation-failure']],
    ['RFC 7672 §2.2: no STARTTLS', () => [], () => [self, 3], 'deferred 4.7.4', ['starttls-not-supported']],
  ])('%s', async (_name, chain, record, expected, failures) => {
    const server = await startOwn('127.0.0.1', 0, { chain: chain() });
    const { port } = server.listener.address;
    const attempt = await makeSender({ zone: `${oneHost}\n${tlsa(record()[0], port, record()[1])}`, dns: { security: 'secure' }, port })(
      makeMessage(1),
    );
    expect(summary(attempt.recipients)).toBe(expected);
    expect(server.taken.length).toBe(expected.startsWith('relayed') ? 1 : 0);
    expect(attempt.tlsResults).toHaveLength(1);
    expect(attempt.tlsResults[0]).toMatchObject({ policy: { type: 'tlsa', domain: 'mx.example.org' }, failedSessions: failures.length });
    expect(attempt.tlsResults[0]?.failures.map(({ resultType }) => resultType)).toEqual(failures);
  });

  it.each<[string, string, () => readonly IssuedCertificate[], string, string, string[]]>([
    ['RFC 8461 §5: enforce', 'enforce', () => [good], 'mx.example.org', 'relayed-without-dsn 2.0.0', []],
    ['RFC 8461 §5: enforce, self-signed', 'enforce', () => [self], 'mx.example.org', 'deferred 4.7.5', ['certificate-not-trusted']],
    ['RFC 8461 §5: enforce, another name', 'enforce', () => [other], 'mx.example.org', 'deferred 4.7.5', ['certificate-host-mismatch']],
    ['RFC 8461 §5: enforce, no STARTTLS', 'enforce', () => [], 'mx.example.org', 'deferred 4.7.4', ['starttls-not-supported']],
    ['RFC 8461 §5: enforce, another host', 'enforce', () => [good], 'x.example.org', 'deferred 4.7.5', ['validation-failure']],
    [
      'RFC 8461 §5: testing, self-signed',
      'testing',
      () => [self],
      'mx.example.org',
      'relayed-without-dsn 2.0.0',
      ['certificate-not-trusted'],
    ],
    ['RFC 8461 §5: testing, no STARTTLS', 'testing', () => [], 'mx.example.org', 'relayed-without-dsn 2.0.0', ['starttls-not-supported']],
  ])('%s', async (_name, mode, chain, mx, expected, failures) => {
    const server = await startOwn('127.0.0.1', 0, { chain: chain() });
    const sender = makeSender({
      zone: `${oneHost}\n${stsRecord}`,
      port: server.listener.address.port,
      roots: [authority.certificatePem],
      fetch: policy(mode, mx),
    });
    const attempt = await sender(makeMessage(1));
    expect(summary(attempt.recipients)).toBe(expected);
    expect(server.taken.length).toBe(expected.startsWith('relayed') ? 1 : 0);
    expect(attempt.tlsResults).toHaveLength(1);
    expect(attempt.tlsResults[0]?.policy).toMatchObject({ type: 'sts', domain: 'example.org', mxHosts: [mx] });
    expect(attempt.tlsResults[0]?.failures.map(({ resultType }) => resultType)).toEqual(failures);
  });

  it('RFC 8461 §3.3: a policy stays in force when its host is gone', async () => {
    const server = await startOwn('127.0.0.1', 0, { chain: [self] });
    let fetch = policy('enforce');
    const sender = makeSender({ zone: `${oneHost}\n${stsRecord}`, port: server.listener.address.port, fetch: () => fetch() });
    expect(summary((await sender(makeMessage(1))).recipients)).toBe('deferred 4.7.5');
    fetch = async () => Promise.reject(new Error('gone'));
    expect(summary((await sender(makeMessage(1))).recipients)).toBe('deferred 4.7.5');
  });

  it('RFC 8460 §4.3.2.2: a policy that cannot be fetched is told, and mail goes', async () => {
    const server = await startOwn('127.0.0.1', 0, { chain: [self] });
    const attempt = await makeSender({ zone: `${oneHost}\n${stsRecord}`, port: server.listener.address.port })(makeMessage(1));
    expect(summary(attempt.recipients)).toBe('relayed-without-dsn 2.0.0');
    expect(attempt.tlsResults.map(({ policy: { type }, failures }) => [type, failures[0]?.resultType])).toEqual([
      ['sts', 'sts-policy-fetch-error'],
      ['no-policy-found', undefined],
    ]);
  });

  it('RFC 8460 §4.3.2.1: a bogus look-up of TLSA records is told, and the host passed over', async () => {
    const server = await startOwn('127.0.0.1', 0, { chain: [self] });
    const { port } = server.listener.address;
    const dns = { security: 'secure' as const, securityOf: { [`_${port}._tcp.mx.example.org`]: 'bogus' as const } };
    const attempt = await makeSender({ zone: `${oneHost}\n${tlsa(self, port)}`, dns, port })(makeMessage(1));
    expect(summary(attempt.recipients)).toBe('deferred 4.7.5');
    expect(attempt.tlsResults[0]?.failures[0]?.resultType).toBe('dnssec-invalid');
    const listened = await makeSender({ zone: `${oneHost}\n${tlsa(self, port)}`, dns, port })(makeMessage(1, { tlsNotRequired: true }));
    expect(summary(listened.recipients)).toBe('relayed-without-dsn 2.0.0');
  });

  it('RFC 7672 §2.2: without a policy any certificate will do, and a handshake that fails is tried in clear text', async () => {
    const server = await startOwn('127.0.0.1', 0, { chain: [other] });
    await makeSender({ zone: oneHost, port: server.listener.address.port })(makeMessage(1));
    expect(server.taken).toMatchObject([{ tls: true, serverName: 'mx.example.org' }]);
    const broken = await startScripted('127.0.0.1', 0, { ehlo: '250-mx.example\r\n250 STARTTLS', starttls: '220 go' });
    const attempt = await makeSender({ zone: oneHost, port: broken.port, limits: { handshakeSeconds: 0.3 } })(makeMessage(1));
    expect(summary(attempt.recipients)).toBe('relayed-without-dsn 2.0.0');
    expect(broken.connections).toBe(2);
    expect(attempt.tlsResults).toMatchObject([{ policy: { type: 'no-policy-found' }, successfulSessions: 0, failedSessions: 1 }]);
  });

  it('RFC 7672 §2.2: under a policy a handshake that fails is not tried in clear text', async () => {
    const broken = await startScripted('127.0.0.1', 0, { ehlo: '250-mx.example\r\n250 STARTTLS', starttls: '220 go' });
    const { port } = broken;
    const sender = makeSender({
      zone: `${oneHost}\n${tlsa(self, port)}`,
      dns: { security: 'secure' },
      port,
      limits: { handshakeSeconds: 0.3 },
    });
    expect(summary((await sender(makeMessage(1))).recipients)).toBe('deferred 4.7.5');
    expect(broken.connections).toBe(1);
    expect(broken.heard.filter((line) => line.startsWith('MAIL'))).toEqual([]);
  });

  it('RFC 7672 §2.2: words of a server that did not prove who it is are not final', async () => {
    const { port } = await startScripted('127.0.0.1', 0, { greeting: '554 5.7.1 go away' });
    const sender = makeSender({ zone: `${oneHost}\n${tlsa(self, port)}`, dns: { security: 'secure' }, port });
    expect(summary((await sender(makeMessage(1))).recipients)).toBe('deferred 4.7.1');
  });

  it.each<[string, boolean, boolean, string, string]>([
    ['promised', true, true, 'carol@example.net', 'relayed-without-dsn 2.0.0'],
    ['not promised', false, true, 'carol@example.net', 'failed 5.7.30'],
    ['MX not secure', true, false, 'carol@example.net', 'failed 5.7.10'],
    ['a report of failure goes all the same', false, false, '', 'relayed-without-dsn 2.0.0'],
  ])('RFC 8689 §4.2.1: REQUIRETLS, %s', async (_name, requireTls, secure, sender, expected) => {
    const server = await startOwn('127.0.0.1', 0, { chain: [good], requireTls });
    const dns = secure ? { security: 'secure' as const } : {};
    const deliverer = makeSender({ zone: oneHost, dns, port: server.listener.address.port, roots: [authority.certificatePem] });
    const attempt = await deliverer(makeMessage(1, { envelope: { requireTls: true, sender } }));
    expect(summary(attempt.recipients)).toBe(expected);
    if (expected.startsWith('relayed')) expect(server.mails).toEqual([{ requireTls }]);
  });
});

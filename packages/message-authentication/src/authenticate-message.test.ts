import { RecordingResolver, ReplayingResolver, ZoneResolver } from '@mox/dns/testing';
import { formatTrace, fromUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { direct, forwarded, makeWorld, message, now, type World } from '../test/world.ts';
import { authenticateMessage, MessageAuthenticator } from './authenticate-message.ts';

let world: World;
let signed: Uint8Array;

beforeAll(async () => {
  world = await makeWorld();
  signed = await world.sign(message);
});

/** The statuses of all checks, short. */
async function statuses(bytes: Uint8Array, source: typeof direct | undefined): Promise<object> {
  const { iprev, spf, dkim, arc, dmarc } = await authenticateMessage(bytes, source, { resolver: world.resolver, now });
  return { iprev: iprev?.status, spf: spf?.status, dkim: dkim.map(({ status }) => status), arc: arc.status, dmarc: dmarc.status };
}

describe('authenticateMessage', () => {
  it('RFC 9989 §5.3: a signed message from its own server passes everything', async () => {
    expect(await statuses(signed, direct)).toEqual({ iprev: 'pass', spf: 'pass', dkim: ['pass'], arc: 'none', dmarc: 'pass' });
  });

  it('RFC 9989 §5.3: an unsigned one passes by SPF alone', async () => {
    expect(await statuses(fromUtf8(message), direct)).toMatchObject({ spf: 'pass', dkim: [], dmarc: 'pass' });
  });

  it('RFC 9989 §5.3: a signed one from elsewhere passes by DKIM alone', async () => {
    expect(await statuses(signed, forwarded)).toEqual({ iprev: 'fail', spf: 'pass', dkim: ['pass'], arc: 'none', dmarc: 'pass' });
  });

  it('RFC 9989 §5.3: one that a list changed fails, its chain tells why it did not before', async () => {
    const bytes = await world.forward(signed);
    expect(await statuses(bytes, forwarded)).toEqual({ iprev: 'fail', spf: 'pass', dkim: ['fail'], arc: 'pass', dmarc: 'fail' });
  });

  it('RFC 6376 §3.5: a set from the future does not hold, but for as much as clocks may differ', async () => {
    const bytes = await world.forward(signed);
    const check = async (earlier: number, clockSkewSeconds: number): Promise<string> =>
      (await authenticateMessage(bytes, forwarded, { resolver: world.resolver, now: now - earlier, dkim: { clockSkewSeconds } })).arc
        .status;
    expect(await check(250_000, 300)).toBe('pass');
    expect(await check(350_000, 300)).toBe('fail');
    expect(await check(350_000, 400)).toBe('pass');
  });

  it('RFC 7208 §2.4: the null reverse-path has the HELO identity, for DMARC too', async () => {
    const source = { ip: '198.51.100.7', helo: 'lists.example', mailFrom: '' };
    const report = fromUtf8('From: postmaster@lists.example\r\n\r\n');
    const { spf } = await authenticateMessage(report, source, { resolver: world.resolver, now });
    expect(spf).toMatchObject({ identity: 'helo', status: 'pass', domain: 'lists.example' });
  });

  it('without a source only the message tells', async () => {
    expect(await statuses(signed, undefined)).toEqual({ iprev: undefined, spf: undefined, dkim: ['pass'], arc: 'none', dmarc: 'pass' });
  });

  const froms: readonly (readonly [from: string, domains: readonly string[], dmarc: string])[] = [
    ['From: jane@example.org\r\n', ['example.org'], 'fail'],
    ['From: a@one.example, b@two.example\r\n', ['one.example', 'two.example'], 'none'],
    ['From: jane@example.org\r\nfrom : joe@lists.example\r\n', ['example.org', 'lists.example'], 'fail'],
    ['From: Team: jane@example.org, joe@example.org;\r\n', ['example.org'], 'fail'],
    ['From: undisclosed:;\r\n', [], 'none'],
    ['From: j\u00f6rg@b\u00fccher.example\r\n', ['b\u00fccher.example'], 'none'],
    ['', [], 'none'],
  ];
  it.each(froms)('RFC 9989 §5.3.1: author domains of %j', async (from, domains, status) => {
    const bytes = fromUtf8(`${from}Subject: x\r\n\r\n`);
    const { authorDomains, dmarc } = await authenticateMessage(bytes, forwarded, { resolver: world.resolver, now });
    expect(authorDomains).toEqual(domains);
    expect(['none', 'permerror'].includes(dmarc.status) ? 'none' : dmarc.status).toBe(status);
  });

  it('has the steps of every check, which a recording gives again', async () => {
    const recording = new RecordingResolver(world.resolver);
    const live = await authenticateMessage(signed, direct, { resolver: recording, now });
    const replayed = await authenticateMessage(signed, direct, { resolver: new ReplayingResolver(recording.recorded), now });
    expect(replayed).toEqual(live);
    for (const word of ['RFC 7208', 'RFC 6376', 'RFC 8617', 'RFC 9989']) expect(formatTrace(live.trace)).toContain(word);
  });

  it('is the same however the message is cut', async () => {
    const forwardedBytes = await world.forward(signed);
    const deps = { resolver: world.resolver, now };
    const whole = await authenticateMessage(forwardedBytes, forwarded, deps);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: forwardedBytes.length }), { maxLength: 8 }), async (cuts) => {
        const authenticator = new MessageAuthenticator(forwarded, deps);
        const ends = [...cuts, forwardedBytes.length].toSorted((a, b) => a - b);
        for (const [i, end] of ends.entries()) authenticator.write(forwardedBytes.subarray(ends[i - 1] ?? 0, end));
        expect(await authenticator.end()).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  it('mutants never throw, and none passes DMARC that says something else', async () => {
    const deps = { resolver: world.resolver, now };
    for (const mutant of mutants([signed], { count: 300 })) {
      const { dmarc, dkim } = await authenticateMessage(mutant, forwarded, deps);
      if (dmarc.status === 'pass') expect(dkim.some(({ status }) => status === 'pass')).toBe(true);
    }
  });

  it('DNS that fails is a temporary error, not an exception', async () => {
    const broken = new ZoneResolver('', {
      failures: { 'example.org': 'servfail', 'key1._domainkey.example.org': 'timeout', '_dmarc.example.org': 'timeout' },
    });
    const { spf, dkim, dmarc } = await authenticateMessage(signed, direct, { resolver: broken, now });
    expect([spf?.status, dkim[0]?.status, dmarc.status]).toEqual(['temperror', 'temperror', 'temperror']);
  });

  it('rejects as the signal wants, and for an address that is none', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(authenticateMessage(signed, direct, { resolver: world.resolver, now, signal })).rejects.toThrow('enough');
    const nowhere = { ...direct, ip: 'localhost' };
    await expect(authenticateMessage(signed, nowhere, { resolver: world.resolver, now })).rejects.toThrow(TypeError);
    const text = 'From: jane@example.org\r\n\r\n' as unknown as Uint8Array;
    await expect(authenticateMessage(text, direct, { resolver: world.resolver, now })).rejects.toThrow('without an encoding');
  });

  it('a header section without end is not kept', async () => {
    const authenticator = new MessageAuthenticator(direct, { resolver: world.resolver, now });
    const field = fromUtf8(`X: ${'x'.repeat(60_000)}\r\n`);
    for (let i = 0; i < 50; i++) authenticator.write(field);
    const { dkim, arc, dmarc } = await authenticator.end();
    expect(dkim[0]?.status).toBe('policy');
    expect(arc.status).toBe('fail');
    expect(dmarc.status).not.toBe('pass');
  });
});

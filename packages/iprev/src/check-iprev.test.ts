import { RecordingResolver, ReplayingResolver, ZoneResolver, type ZoneResolverOptions } from '@mox/dns/testing';
import { formatTrace } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { checkIprev } from './check-iprev.ts';

const zone = `
1.2.0.192.in-addr.arpa. PTR mail.example.
mail.example. A 192.0.2.1
2.2.0.192.in-addr.arpa. PTR old.example.
2.2.0.192.in-addr.arpa. PTR good.example.
old.example. A 192.0.2.77
good.example. A 192.0.2.77
good.example. A 192.0.2.2
3.2.0.192.in-addr.arpa. PTR forged.example.
forged.example. A 192.0.2.77
4.2.0.192.in-addr.arpa. PTR gone.example.
5.2.0.192.in-addr.arpa. PTR six.example.
six.example. AAAA 2001:db8::5
6.2.0.192.in-addr.arpa. PTR slow.example.
slow.example. A 192.0.2.6
7.2.0.192.in-addr.arpa. PTR slow.example.
7.2.0.192.in-addr.arpa. PTR seven.example.
seven.example. A 192.0.2.7
8.2.0.192.in-addr.arpa. MX 0 .
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR six6.example.
six6.example. AAAA 2001:db8::1
10.2.0.192.in-addr.arpa. PTR alias.example.
alias.example. CNAME real.example.
real.example. A 192.0.2.10
11.2.0.192.in-addr.arpa. PTR "a b.example."
12.2.0.192.in-addr.arpa. CNAME 12.sub.2.0.192.in-addr.arpa.
12.sub.2.0.192.in-addr.arpa. PTR twelve.example.
twelve.example. A 192.0.2.12
${Array.from({ length: 30 }, (_, i) => `20.2.0.192.in-addr.arpa. PTR n${i}.example.\nn${i}.example. A 192.0.2.${i < 20 ? 77 : 20}`).join('\n')}
`;
const options: ZoneResolverOptions = { failures: { 'slow.example': 'servfail', '9.2.0.192.in-addr.arpa': 'timeout' } };

describe('checkIprev', () => {
  it.each([
    ['192.0.2.1', 'pass', 'mail.example'],
    ['192.0.2.2', 'pass', 'good.example'],
    ['::ffff:192.0.2.1', 'pass', 'mail.example'],
    ['2001:db8:0::1', 'pass', 'six6.example'],
    ['192.0.2.10', 'pass', 'alias.example'],
    ['192.0.2.12', 'pass', 'twelve.example'],
    ['192.0.2.3', 'fail', undefined],
    ['192.0.2.4', 'fail', undefined],
    ['192.0.2.5', 'fail', undefined],
    ['192.0.2.11', 'fail', undefined],
    ['192.0.2.6', 'temperror', undefined],
    ['192.0.2.7', 'pass', 'seven.example'],
    ['192.0.2.9', 'temperror', undefined],
    ['192.0.2.8', 'permerror', undefined],
    ['192.0.2.99', 'permerror', undefined],
    ['2001:db8::2', 'permerror', undefined],
  ])('RFC 8601 §2.7.3: %s is %s by %s', async (ip, status, name) => {
    const result = await checkIprev({ ip }, { resolver: new ZoneResolver(zone, options) });
    expect([result.status, result.name]).toEqual([status, name]);
    expect(result.problem === undefined).toBe(status === 'pass');
    expect(formatTrace(result.trace)).toContain(`-> ${status}`);
  });

  it('RFC 8601 §3: looks up no more than ten names', async () => {
    const resolver = new ZoneResolver(zone, options);
    const result = await checkIprev({ ip: '192.0.2.20' }, { resolver });
    expect(result.status).toBe('fail');
    expect(result.names).toHaveLength(30);
    expect(resolver.questions).toHaveLength(11);
    expect((await checkIprev({ ip: '192.0.2.20' }, { resolver, nameLimit: 21 })).name).toBe('n20.example');
  });

  it('is authentic where every answer is, and a bogus one is an error', async () => {
    const resolver = (more: ZoneResolverOptions): ZoneResolver => new ZoneResolver(zone, { security: 'secure', ...more });
    expect((await checkIprev({ ip: '192.0.2.1' }, { resolver: resolver({}) })).authentic).toBe(true);
    const half = resolver({ securityOf: { 'mail.example': 'insecure' } });
    expect((await checkIprev({ ip: '192.0.2.1' }, { resolver: half })).authentic).toBe(false);
    const bogus = resolver({ securityOf: { 'mail.example': 'bogus' } });
    expect(await checkIprev({ ip: '192.0.2.1' }, { resolver: bogus })).toMatchObject({ status: 'temperror', authentic: false });
    // No such name, says whoever forged it: gone.example of 192.0.2.4, and 192.0.2.99 itself.
    const forged = resolver({ securityOf: { 'gone.example': 'bogus', '99.2.0.192.in-addr.arpa': 'bogus' } });
    for (const ip of ['192.0.2.4', '192.0.2.99']) {
      const problem = expect.stringContaining('failed: bogus');
      expect(await checkIprev({ ip }, { resolver: forged })).toMatchObject({ status: 'temperror', authentic: false, problem });
    }
  });

  it('a recording replays', async () => {
    const recording = new RecordingResolver(new ZoneResolver(zone, options));
    const result = await checkIprev({ ip: '192.0.2.2' }, { resolver: recording });
    expect(await checkIprev({ ip: '192.0.2.2' }, { resolver: new ReplayingResolver(recording.recorded) })).toEqual(result);
  });

  it('an abort and what is no address are exceptions', async () => {
    const resolver = new ZoneResolver(zone);
    await expect(checkIprev({ ip: 'mail.example' }, { resolver })).rejects.toThrow(TypeError);
    await expect(checkIprev({ ip: '192.0.2.1' }, { resolver, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

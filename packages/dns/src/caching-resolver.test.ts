import { ManualClock } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { type CacheOptions, CachingResolver } from './caching-resolver.ts';
import type { RecordType } from './record.ts';
import type { DnsAnswer, QueryOptions, Resolver } from './resolver.ts';

const nothing = { security: 'insecure', records: [], aliases: [], ttlSeconds: 60 } as const;
const address = (name: string, ttlSeconds = 60): DnsAnswer<'A'> => ({
  ...nothing,
  status: 'ok',
  ttlSeconds,
  records: [{ name, type: 'A', ttlSeconds: ttlSeconds + 5, data: '192.0.2.1' }],
});

/** Answers by a function, and counts. */
class FakeResolver implements Resolver {
  readonly asked: string[] = [];
  readonly #answer: (name: string, options: QueryOptions) => DnsAnswer | Promise<DnsAnswer>;

  constructor(answer: (name: string, options: QueryOptions) => DnsAnswer | Promise<DnsAnswer>) {
    this.#answer = answer;
  }

  async query<T extends RecordType>(name: string, type: T, options: QueryOptions = {}): Promise<DnsAnswer<T>> {
    this.asked.push(`${name} ${type}`);
    return (await this.#answer(name, options)) as unknown as DnsAnswer<T>;
  }
}

function cached(
  answer: (name: string, options: QueryOptions) => DnsAnswer<never> | DnsAnswer<'A'> | Promise<DnsAnswer<'A'>>,
  options: Partial<CacheOptions> = {},
) {
  const clock = new ManualClock(1_000_000);
  const below = new FakeResolver(answer);
  return { clock, below, resolver: new CachingResolver(below, { clock, ...options }) };
}

describe('CachingResolver', () => {
  it('RFC 8020 §2: a dot inside a label is no border: what is denied above it says nothing of it', async () => {
    const { resolver, below } = cached((name) => ({ ...nothing, security: 'secure', status: name === 'none.example' ? 'nxdomain' : 'ok' }));
    await resolver.query('none.example', 'A');
    expect((await resolver.query('x.none.example', 'A')).status).toBe('nxdomain');
    expect((await resolver.query('x\\.none.example', 'A')).status).toBe('ok');
    expect(below.asked).toEqual(['none.example A', 'x\\.none.example A']);
  });

  it('RFC 1035 §7.4: keeps an answer as long as it lives, and counts its time down', async () => {
    const { clock, below, resolver } = cached((name) => address(name));
    expect(await resolver.query('Mail.Example.org.', 'A')).toMatchObject({ ttlSeconds: 60 });
    clock.advance(20_500);
    expect(await resolver.query('mail.example.org', 'A')).toMatchObject({ ttlSeconds: 40, records: [{ ttlSeconds: 45 }] });
    clock.advance(39_499);
    expect((await resolver.query('mail.example.org', 'A')).ttlSeconds).toBe(1);
    clock.advance(1);
    await resolver.query('mail.example.org', 'A');
    expect(below.asked).toEqual(['mail.example.org A', 'mail.example.org A']);
  });

  it('types are kept apart; an answer without time to live is not kept', async () => {
    const { below, resolver } = cached((name) => address(name, 0));
    for (let i = 0; i < 2; i++) await resolver.query('mail.example.org', 'A');
    await resolver.query('mail.example.org', 'MX');
    expect(below.asked).toHaveLength(3);
  });

  it.each([
    ['nodata', 60, 59],
    ['nodata', 100_000, 3599],
    ['nxdomain', 60, 59],
    ['servfail', 0, 4],
    ['timeout', 0, 4],
    ['servfail', 100_000, 299],
  ] as const)('RFC 2308 §5, RFC 2308 §7: %s with %i seconds is kept for a little more than %i', async (status, ttlSeconds, kept) => {
    const { clock, below, resolver } = cached(() => ({ ...nothing, status, ttlSeconds }));
    await resolver.query('no.example.org', 'A');
    clock.advance(kept * 1000);
    expect((await resolver.query('no.example.org', 'A')).status).toBe(status);
    expect(below.asked).toHaveLength(1);
    clock.advance(1001);
    await resolver.query('no.example.org', 'A');
    expect(below.asked).toHaveLength(2);
  });

  it('RFC 2308 §5: no such name answers for every type', async () => {
    const { below, resolver } = cached(() => ({ ...nothing, status: 'nxdomain' }));
    await resolver.query('no.example.org', 'A');
    expect((await resolver.query('no.example.org', 'MX')).status).toBe('nxdomain');
    expect(below.asked).toHaveLength(1);
  });

  it('RFC 4035 §4.7: a bogus answer is kept as a failure is, and a forged "no such name" for its type alone', async () => {
    const { clock, below, resolver } = cached(() => ({ ...nothing, status: 'nxdomain', security: 'bogus', ttlSeconds: 3600 }));
    await resolver.query('no.example.org', 'A');
    await resolver.query('no.example.org', 'MX');
    clock.advance(299_000);
    expect(await resolver.query('no.example.org', 'A')).toMatchObject({ status: 'nxdomain', security: 'bogus' });
    expect(below.asked).toEqual(['no.example.org A', 'no.example.org MX']);
    clock.advance(1001);
    await resolver.query('no.example.org', 'A');
    expect(below.asked).toHaveLength(3);
  });

  it('at the end of an alias it does not answer for the name asked', async () => {
    const { below, resolver } = cached(() => ({ ...nothing, status: 'nxdomain', aliases: ['gone.example.org'] }));
    await resolver.query('www.example.org', 'A');
    await resolver.query('www.example.org', 'MX');
    expect(below.asked).toHaveLength(2);
  });

  it.each([
    ['secure', 1],
    ['insecure', 2],
  ] as const)('RFC 8020 §2: below a name that is not there is nothing, where that is %s: %i questions', async (security, count) => {
    const { below, resolver } = cached(() => ({ ...nothing, security, status: 'nxdomain' }));
    await resolver.query('no.example.org', 'A');
    expect((await resolver.query('a.b.no.example.org', 'TXT')).status).toBe('nxdomain');
    expect(below.asked).toHaveLength(count);
  });

  it('a clock that was set back makes nothing live longer', async () => {
    const { clock, below, resolver } = cached((name) => address(name));
    await resolver.query('mail.example.org', 'A');
    clock.advance(-5000);
    await resolver.query('mail.example.org', 'A');
    expect(below.asked).toHaveLength(2);
  });

  it('keeps no more entries than allowed, those used lately', async () => {
    const { below, resolver } = cached((name) => address(name), { entryLimit: 3 });
    for (const name of ['a', 'b', 'c', 'a', 'd']) await resolver.query(name, 'A');
    expect(resolver.entryCount).toBe(3);
    await resolver.query('a', 'A');
    expect(below.asked).toHaveLength(4);
    await resolver.query('b', 'A');
    expect(below.asked).toHaveLength(5);
  });

  it('keeps no more bytes than allowed', async () => {
    const large = {
      ...nothing,
      status: 'ok' as const,
      records: [{ name: 'a', type: 'A' as const, ttlSeconds: 60, data: 'x'.repeat(1000) }],
    };
    const { resolver } = cached(() => large, { sizeLimitBytes: 10_000 });
    for (let i = 0; i < 100; i++) await resolver.query(`n${i}`, 'A');
    expect(resolver.entryCount).toBeGreaterThan(4);
    expect(resolver.sizeBytes).toBeLessThanOrEqual(10_000);
    resolver.clear();
    expect([resolver.entryCount, resolver.sizeBytes]).toEqual([0, 0]);
  });

  it('names that cannot be asked for are not passed on', async () => {
    const { below, resolver } = cached((name) => address(name));
    expect((await resolver.query('a..b', 'A')).status).toBe('malformed-name');
    expect(below.asked).toEqual([]);
  });

  it('equal questions in flight are one', async () => {
    let release: (answer: DnsAnswer<'A'>) => void = () => {};
    const { below, resolver } = cached(
      () =>
        new Promise<DnsAnswer<'A'>>((resolve) => {
          release = resolve;
        }),
    );
    const both = [resolver.query('mail.example.org', 'A'), resolver.query('MAIL.example.org', 'A')];
    release(address('mail.example.org'));
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(below.asked).toHaveLength(1);
  });

  it('who gives up leaves alone; when all have, the question is given up', async () => {
    let seen: AbortSignal | undefined;
    const { below, resolver } = cached((_, { signal }) => {
      seen = signal;
      return new Promise<DnsAnswer<'A'>>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = [resolver.query('a', 'A', { signal: first.signal }), resolver.query('a', 'A', { signal: second.signal })] as const;
    first.abort(new Error('first'));
    await expect(waiting[0]).rejects.toThrow('first');
    expect(seen?.aborted).toBe(false);
    second.abort(new Error('second'));
    await expect(waiting[1]).rejects.toThrow('second');
    expect(seen?.aborted).toBe(true);
    // Who asks now starts anew.
    void resolver.query('a', 'A').catch(() => {});
    await Promise.resolve();
    expect(below.asked).toHaveLength(2);
    await expect(resolver.query('a', 'A', { signal: AbortSignal.abort(new Error('early')) })).rejects.toThrow('early');
  });
});

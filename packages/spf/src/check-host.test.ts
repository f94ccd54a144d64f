import type { Resolver } from '@mox/dns';
import { RecordingResolver, ReplayingResolver, ZoneResolver } from '@mox/dns/testing';
import { formatTrace } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { checkHost, checkSpf } from './check-host.ts';

const exampleZone = `
example.org.      TXT "v=spf1 a mx include:_spf.example.net exists:%{ir}.ok.example.org -all exp=why.%{d}"
example.org.      A 192.0.2.1
example.org.      MX 10 mail.example.org.
mail.example.org. A 192.0.2.2
why.example.org.  TXT "%{c} may not send for %{o}, says %{r} at %{t}"
_spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 ?all"
redirected.example. TXT "v=spf1 redirect=example.org"
helo.example.     TXT "v=spf1 a -all"
helo.example.     A 192.0.2.9
voids.example.    TXT "v=spf1 a:a.example.com a:b.example.com a:c.example.com -all"
nullmx.example.   TXT "v=spf1 mx -all"
nullmx.example.   MX 0 .
two.example.      TXT "v=spf1 -all"
two.example.      TXT "v=spf1 +all"
loop.example.     TXT "v=spf1 include:loop.example -all"
`;

const resolver = new ZoneResolver(exampleZone, { failures: { 'broken.example': 'servfail' } });

function check(ip: string, mailFrom: string): ReturnType<typeof checkSpf> {
  return checkSpf({ ip, mailFrom, helo: 'helo.example', receiver: 'mx.example', now: 1_700_000_000_000 }, { resolver });
}

function checkIn(
  zone: string,
  input: { readonly ip?: string; readonly mailFrom?: string; readonly helo?: string },
): { readonly resolver: ZoneResolver; readonly result: ReturnType<typeof checkSpf> } {
  const own = new ZoneResolver(zone);
  const result = checkSpf({ ip: '192.0.2.1', mailFrom: 'x@a.example', helo: 'h.example', ...input }, { resolver: own });
  return { resolver: own, result };
}

describe('checkHost', () => {
  it.each([
    ['192.0.2.1', 'x@example.org', 'pass', 'a'],
    ['::ffff:192.0.2.1', 'x@example.org', 'pass', 'a'],
    ['192.0.2.2', 'x@example.org', 'pass', 'mx'],
    ['198.51.100.77', 'x@example.org', 'pass', 'include:_spf.example.net'],
    ['2001:db8::7', 'x@example.org', 'pass', 'include:_spf.example.net'],
    ['203.0.113.1', 'x@example.org', 'fail', '-all'],
    ['203.0.113.1', 'x@redirected.example', 'fail', '-all'],
    ['192.0.2.9', '', 'pass', 'a'],
    ['192.0.2.9', '<>', 'pass', 'a'],
    ['203.0.113.1', '<x@example.org>', 'fail', '-all'],
    ['192.0.2.9', 'x@nowhere.example', 'none', undefined],
    ['192.0.2.9', 'x@nullmx.example', 'fail', '-all'],
    ['192.0.2.9', 'x@[192.0.2.9]', 'none', undefined],
    ['192.0.2.9', 'x@broken.example', 'temperror', undefined],
    ['192.0.2.9', 'x@two.example', 'permerror', undefined],
    ['192.0.2.9', 'x@loop.example', 'permerror', undefined],
    ['192.0.2.9', 'x@voids.example', 'permerror', undefined],
  ])('%s for %j -> %s by %s', async (ip, mailFrom, status, mechanism) => {
    const result = await check(ip, mailFrom);
    expect({ status: result.status, mechanism: result.mechanism }).toEqual({ status, mechanism });
  });

  it('RFC 7208 §6.2: the explanation of a fail, with the macros it alone may have', async () => {
    expect((await check('203.0.113.1', 'x@redirected.example')).explanation).toBe(
      '203.0.113.1 may not send for redirected.example, says mx.example at 1700000000',
    );
  });

  it('RFC 7208 §4.6.4: an eleventh lookup is a permerror, and says so', async () => {
    const result = await check('192.0.2.9', 'x@loop.example');
    expect(result).toMatchObject({ status: 'permerror', problem: 'more than 10 terms need DNS lookups', lookups: 10 });
  });

  it('RFC 7208 §2.4: a null reverse-path stands for postmaster at the HELO name', async () => {
    expect(await check('192.0.2.9', '')).toMatchObject({ identity: 'helo', domain: 'helo.example' });
  });

  it('RFC 8616 §4: U-labels are looked up as A-labels, a localpart beyond ASCII matches nothing', async () => {
    const eai = new ZoneResolver('xn--bcher-kva.example. TXT "v=spf1 exists:%{l}.%{d} a -all"\nxn--bcher-kva.example. A 192.0.2.5');
    const input = { ip: '192.0.2.5', mailFrom: 'j\u00f6rg@b\u00fccher.example', helo: 'h.example' };
    expect(await checkSpf(input, { resolver: eai })).toMatchObject({ status: 'pass', mechanism: 'a', domain: 'xn--bcher-kva.example' });
  });

  it.each([
    ['include:%{l}.a.example', 'include'],
    ['exists:%{L}.a.example', 'exists, though an escaped localpart is ASCII'],
    ['a:%{l1}.a.example', 'a, though the part that is kept is ASCII'],
    ['ptr:%{s}.example', 'ptr'],
  ])('RFC 8616 §4: %s matches nothing for a localpart beyond ASCII, and asks nothing (%s)', async (term) => {
    const zone = `a.example. TXT "v=spf1 ${term} -all"\nsmith.a.example. A 192.0.2.1\nj%C3%B6rg%2Esmith.a.example. A 192.0.2.1`;
    const { resolver, result } = checkIn(zone, { mailFrom: 'j\u00f6rg.smith@a.example' });
    expect(await result).toMatchObject({ status: 'fail', mechanism: '-all', lookups: 1 });
    expect(resolver.questions).toEqual(['a.example TXT']);
  });

  it('RFC 8616 §4: a redirect to a name with a localpart beyond ASCII finds no record', async () => {
    const { resolver, result } = checkIn('a.example. TXT "v=spf1 redirect=%{l}.a.example"', { mailFrom: 'j\u00f6rg@a.example' });
    expect((await result).status).toBe('permerror');
    expect(resolver.questions).toEqual(['a.example TXT']);
  });

  it.each(['a:%{h}', 'exists:%{l}.a.example', 'mx:x..%{d}', `exists:${'x'.repeat(64)}.a.example`])(
    'RFC 7208 §4.8: %s that expands to no name is not asked for and matches nothing',
    async (term) => {
      const { resolver, result } = checkIn(`a.example. TXT "v=spf1 ${term} -all"`, { mailFrom: '..@a.example', helo: '' });
      expect((await result).mechanism).toBe('-all');
      expect(resolver.questions).toEqual(['a.example TXT']);
    },
  );

  it('RFC 7208 §4.6.4: the void lookups of one term are one: IPv6 and an mx of four hosts with IPv4 alone', async () => {
    const hosts = ['w', 'x', 'y', 'z'].map((host) => `a.example. MX 10 ${host}.a.example.\n${host}.a.example. A 192.0.2.1`);
    const zone = `a.example. TXT "v=spf1 mx a:w.a.example ip6:2001:db8::/32 -all"\n${hosts.join('\n')}`;
    expect(await checkIn(zone, { ip: '2001:db8::1' }).result).toMatchObject({ status: 'pass', mechanism: 'ip6:2001:db8::/32' });
    const third = zone.replace('ip6:', 'exists:nowhere.example ip6:');
    expect(await checkIn(third, { ip: '2001:db8::1' }).result).toMatchObject({ status: 'permerror' });
  });

  it('RFC 7208 §5.5: the names of a client are asked for once, and only those that could match validated', async () => {
    const zone = `a.example. TXT "v=spf1 exists:%{p}.%{p}.x.example ptr ptr:b.example -all"
1.2.0.192.in-addr.arpa. PTR one.example.
1.2.0.192.in-addr.arpa. PTR Two.b.example.
one.example. A 192.0.2.1
two.b.example. A 192.0.2.1`;
    const { resolver, result } = checkIn(zone, {});
    expect(await result).toMatchObject({ status: 'pass', mechanism: 'ptr:b.example', lookups: 3 });
    expect(resolver.questions).toEqual([
      'a.example TXT',
      '1.2.0.192.in-addr.arpa PTR',
      'one.example A',
      'one.example.one.example.x.example A',
      'two.b.example A',
    ]);
  });

  it('RFC 7208 §7.3: the macro p is the domain itself, else a name below it, else any, all validated', async () => {
    const names = (list: readonly string[]): string =>
      list
        .map((name) => `1.2.0.192.in-addr.arpa. PTR ${name}.\n${name}. A ${name.startsWith('not') ? '192.0.2.2' : '192.0.2.1'}`)
        .join('\n');
    const explained = async (list: readonly string[]): Promise<string | undefined> =>
      (await checkIn(`a.example. TXT "v=spf1 -all exp=e.a.example"\ne.a.example. TXT "%{p}"\n${names(list)}`, {}).result).explanation;
    expect(await explained(['other.example', 'sub.a.example', 'a.example'])).toBe('a.example');
    expect(await explained(['other.example', 'notreally.a.example', 'sub.a.example'])).toBe('sub.a.example');
    expect(await explained(['notthis.example', 'other.example'])).toBe('other.example');
    expect(await explained(['notthis.example'])).toBe('unknown');
    expect(await explained([])).toBe('unknown');
  });

  it.each([
    ['e.a.example. TXT "see %{d}"', 'see b.example'],
    ['e.a.example. TXT "one"\ne.a.example. TXT "two"', undefined],
    ['e.a.example. TXT "%{x}"', undefined],
    ['e.a.example. TXT "caf\\233"', undefined],
    ['e.a.example. A 192.0.2.9', undefined],
    ['', undefined],
    [`e.a.example. TXT "${'%{s}'.repeat(3000)}"`, 'x@a.example'.repeat(200).slice(0, 2048)],
  ])('RFC 7208 §6.2: the explanation of %j', async (text, explanation) => {
    const zone = `a.example. TXT "v=spf1 include:c.example redirect=b.example exp=never.a.example"
b.example. TXT "v=spf1 -all exp=e.%{o}"
c.example. TXT "v=spf1 -all exp=never.c.example"
never.a.example. TXT "of the record that redirects"
never.c.example. TXT "of a record that is included"
${text}`;
    const { result } = checkIn(zone, { ip: '192.0.2.77' });
    expect(await result).toMatchObject({ status: 'fail', recordDomain: 'b.example' });
    expect((await result).explanation).toBe(explanation);
  });

  it('RFC 7208 §4.6.4: when the time is over the result is a temperror, even in ptr, and the trace says how far it came', async () => {
    const controller = new AbortController();
    const slow: Resolver = {
      async query(name, type, options) {
        if (type === 'PTR') controller.abort(new DOMException('enough', 'TimeoutError'));
        options?.signal?.throwIfAborted();
        return new ZoneResolver('a.example. TXT "v=spf1 a ptr -all"').query(name, type);
      },
    };
    const input = { ip: '192.0.2.1', mailFrom: 'x@a.example', helo: 'h.example' };
    const result = await checkSpf(input, { resolver: slow, signal: controller.signal });
    expect(result).toMatchObject({ status: 'temperror', problem: 'the time for the check is over' });
    expect(result.explanation).toBeUndefined();
    expect(formatTrace(result.trace)).toContain('dns 1.2.0.192.in-addr.arpa PTR -> timeout');
  });

  it.each([
    ['forged.example', 'looking up TXT of forged.example: bogus'],
    ['includes.example', 'looking up TXT of forged.example: bogus'],
    ['a.example', 'looking up A of forged.example: bogus'],
    ['mx.example', 'looking up MX of forged.example: bogus'],
    ['exists.example', 'looking up A of forged.example: bogus'],
  ])('RFC 4035 §5.5, RFC 7208 §2.6.6: what somebody forged for %s, "no such name" too, is a temperror', async (domain, problem) => {
    const own = new ZoneResolver(
      `includes.example. TXT "v=spf1 include:forged.example -all"
       a.example. TXT "v=spf1 a:forged.example -all"
       mx.example. TXT "v=spf1 mx:forged.example -all"
       exists.example. TXT "v=spf1 exists:forged.example -all"`,
      { securityOf: { 'forged.example': 'bogus' } },
    );
    const result = await checkSpf({ ip: '192.0.2.1', mailFrom: `x@${domain}`, helo: 'h.example' }, { resolver: own });
    expect(result).toMatchObject({ status: 'temperror', problem, authentic: false });
  });

  it('RFC 7208 §4.6.4: an answer without records counts as void, whatever its status says', async () => {
    const empty = { status: 'ok', security: 'insecure', records: [], aliases: [], ttlSeconds: 0 } as const;
    const zoned = new ZoneResolver('a.example. TXT "v=spf1 a mx exists:x.example -all"');
    const odd: Resolver = { query: async (name, type) => (type === 'TXT' ? zoned.query(name, type) : empty) };
    const result = await checkSpf({ ip: '192.0.2.1', mailFrom: 'x@a.example', helo: 'h.example' }, { resolver: odd });
    expect(result).toMatchObject({ status: 'permerror', problem: 'more than 2 lookups found nothing' });
  });

  it('a record that changes is read anew', async () => {
    for (const [term, status] of [
      ['+all', 'pass'],
      ['-all', 'fail'],
      ['+all', 'pass'],
      ['nonsense', 'permerror'],
    ] as const) {
      expect((await checkIn(`a.example. TXT "v=spf1 ${term}"`, {}).result).status).toBe(status);
    }
  });

  it('RFC 7208 §4.6.4: a redirect too many is a permerror, and is in the trace', async () => {
    const { result } = checkIn('a.example. TXT "v=spf1 redirect=a.example"', {});
    expect(await result).toMatchObject({ status: 'permerror', lookups: 10 });
    expect((await result).trace.at(-1)).toMatchObject({ step: 'modifier redirect=a.example', outcome: 'permerror' });
  });

  it('a recording replays to the same result, offline', async () => {
    const recording = new RecordingResolver(resolver);
    const input = { ip: '203.0.113.1', mailFrom: 'x@redirected.example', helo: 'h.example' };
    const result = await checkSpf(input, { resolver: recording });
    const replayed = await checkSpf(input, { resolver: new ReplayingResolver(JSON.parse(JSON.stringify(recording.recorded), revive)) });
    expect(replayed).toEqual(result);
  });

  it('the trace tells every step, with its questions, its rule and its outcome', async () => {
    const { trace } = await check('198.51.100.77', 'x@example.org');
    expect(
      formatTrace(trace),
    ).toBe(`record (domain=example.org record=v=spf1 a mx include:_spf.example.net exists:%{ir}.ok.example.org -all exp=why.%{d}) -> found  [RFC 7208 §4.5]
  dns example.org TXT -> ok: "v=spf1 a mx include:_spf.example.net exists:%{ir}.ok.example.org -all exp=why.%{d}"
mechanism a -> no match  [RFC 7208 §5.3]
  dns example.org A -> ok: 192.0.2.1
mechanism mx -> no match  [RFC 7208 §5.4]
  dns example.org MX -> ok: 10 mail.example.org.
  dns mail.example.org A -> ok: 192.0.2.2
mechanism include:_spf.example.net -> pass  [RFC 7208 §5.2]
  record (domain=_spf.example.net record=v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 ?all) -> found  [RFC 7208 §4.5]
    dns _spf.example.net TXT -> ok: "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 ?all"
  mechanism ip4:198.51.100.0/24 -> pass  [RFC 7208 §5.6]`);
  });

  it('an abort is an exception, a wrong address a TypeError', async () => {
    const input = { ip: '192.0.2.1', domain: 'example.org', sender: 'x@example.org' };
    await expect(checkHost(input, { resolver, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    await expect(checkHost({ ...input, ip: 'nonsense' }, { resolver })).rejects.toThrow(TypeError);
  });
});

/** JSON has no bytes: they come back as objects of numbers. */
function revive(key: string, value: unknown): unknown {
  return key === 'data' && Array.isArray(value) ? value.map((bytes) => Uint8Array.from(Object.values(bytes))) : value;
}

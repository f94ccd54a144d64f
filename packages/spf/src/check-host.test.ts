import { RecordingResolver, ReplayingResolver, ZoneResolver } from '@mox/dns/testing';
import { formatTrace } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { checkHost, checkSpf } from './check-host.ts';

const zone = `
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

const resolver = new ZoneResolver(zone, { failures: { 'broken.example': 'servfail' } });

function check(ip: string, mailFrom: string): ReturnType<typeof checkSpf> {
  return checkSpf({ ip, mailFrom, helo: 'helo.example', receiver: 'mx.example', now: 1_700_000_000_000 }, { resolver });
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

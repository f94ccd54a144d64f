import { ZoneResolver } from '@mox/dns/testing';
import { formatTrace, fromUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { fetchMtaStsPolicy, type PolicyFetch } from './fetch-policy.ts';
import { findMtaStsPolicy, isRefreshDue, judgeMxHost, type PolicyMemory } from './find-policy.ts';
import { formatMtaStsPolicy, type MtaStsPolicy, matchesMx, parseMtaStsPolicy } from './policy.ts';
import { formatMtaStsRecord, lookupMtaStsRecord, parseMtaStsRecord } from './record.ts';

const policyText =
  'version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n';
const policy: MtaStsPolicy = {
  mode: 'enforce',
  mx: ['mail.example.com', '*.example.net', 'backupmx.example.com'],
  maxAgeSeconds: 604_800,
  extensions: [],
};

describe('parseMtaStsRecord', () => {
  it.each([
    ['v=STSv1; id=20160831085700Z;', '20160831085700Z'],
    ['v=STSv1;id=1', '1'],
    ['v=STSv1 ; x=y ; id=1 ; id=2', '1'],
    ['v=STSv1; id=1; id=?', '1'],
    ['v=STSv1; id=?; id=1', undefined],
    ['v=STSv1; id=1; id=', undefined],
    ['v=STSv1; id=1; id=2=3', undefined],
    ['v=STSv1; id=1 \t', '1'],
    ['v=STSv1; ID=1', undefined],
    ['v=STSv1; id = 1', undefined],
    [' v=STSv1; id=1', undefined],
    ['v=STSv1, id=1', undefined],
    ['v=STSv1; id=20160831085700Z;\n', undefined],
    [`v=STSv1; id=${'a'.repeat(32)}`, 'a'.repeat(32)],
    ['v=STSv1; id=1; caf\u00e9=x', undefined],
    ['v=STSv1', undefined],
    ['v=STSv1; id=', undefined],
    ['v=STSv1; id=a-b', undefined],
    [`v=STSv1; id=${'a'.repeat(33)}`, undefined],
    ['v=stsv1; id=1', undefined],
    ['id=1; v=STSv1', undefined],
    ['v=STSv1; id=1;;', undefined],
    ['v=STSv1; id=1; x=a=b', undefined],
    ['v=STSv1; id=1; nothing', undefined],
  ])('RFC 8461 §3.1: %j -> id %j', (text, id) => {
    const parsed = parseMtaStsRecord(text);
    expect(parsed.ok ? parsed.value.id : undefined).toBe(id);
  });

  it('format, then parse, is the record', () => {
    const record = { id: 'abc1', extensions: [['ext', 'v:1']] } as const;
    expect(parseMtaStsRecord(formatMtaStsRecord(record))).toEqual({ ok: true, value: record });
  });
});

describe('lookupMtaStsRecord', () => {
  const resolver = new ZoneResolver(
    `_mta-sts.one.example. TXT "v=STSv1; id=1" ";"
     _mta-sts.one.example. TXT "something else"
     _mta-sts.two.example. TXT "v=STSv1; id=1;"
     _mta-sts.two.example. TXT "v=STSv1; id=2;"
     _mta-sts.bad.example. TXT "v=STSv1; id=?;"
     _mta-sts.alias.example. CNAME _mta-sts.one.example.`,
    { failures: { '_mta-sts.slow.example': 'timeout' }, securityOf: { '_mta-sts.forged.example': 'bogus' } },
  );
  it.each([
    ['one.example', 'ok', undefined],
    ['alias.example', 'ok', undefined],
    ['two.example', 'none', 'more than one record'],
    ['bad.example', 'none', 'invalid record: "id" is not 1 to 32 letters and digits'],
    ['nothing.example', 'none', 'no record'],
    ['slow.example', 'temperror', 'timeout'],
    ['forged.example', 'temperror', 'bogus'],
  ] as const)('RFC 8461 §3.1: %s -> %s (%s)', async (domain, status, problem) => {
    const lookup = await lookupMtaStsRecord(domain, { resolver });
    expect({ status: lookup.status, problem: lookup.problem }).toEqual({ status, problem });
  });
});

describe('parseMtaStsPolicy', () => {
  it('RFC 8461 §3.2: the example, and back', () => {
    expect(parseMtaStsPolicy(policyText)).toEqual({ ok: true, value: policy });
    expect(formatMtaStsPolicy(policy)).toBe(policyText);
  });

  it.each([
    ['LF line ends, blanks at line ends, no last line end', 'version: STSv1 \nmode:none\nmax_age: 0', true],
    ['the first of two counts', 'version: STSv1\nmode: none\nmode: bogus\nmax_age: 1\n', true],
    ['unknown fields', 'version: STSv1\nmode: none\nmax_age: 1\nx-note: hello w\u00f6rld\n', true],
    ['empty lines at the end', 'version: STSv1\nmode: none\nmax_age: 1\n\n\n', true],
    ['no mx', 'version: STSv1\nmode: enforce\nmax_age: 1\n', false],
    ['a wrong mode', 'version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 1\n', false],
    ['a wrong version', 'version: STSv2\nmode: none\nmax_age: 1\n', false],
    ['no version', 'mode: none\nmax_age: 1\n', false],
    ['a max_age that is none', 'version: STSv1\nmode: none\nmax_age: -1\n', false],
    ['a line that is no field', 'version: STSv1\nmode: none\nmax_age: 1\nwhat\n', false],
    ['a pattern that is none', 'version: STSv1\nmode: testing\nmx: a.*.example\nmax_age: 1\n', false],
    ['blanks before a name', ' version: STSv1\nmode: none\nmax_age: 1\n', false],
    ['a blank before the colon', 'version : STSv1\nmode: none\nmax_age: 1\n', false],
    ['names in upper case', 'Version: STSv1\nmode: none\nmax_age: 1\n', false],
    ['a CR that no LF follows, at the end', 'version: STSv1\nmode: none\nmax_age: 1\r', false],
    ['two CRs before a LF', 'version: STSv1\r\r\nmode: none\nmax_age: 1\n', false],
    ['white space that is no blank', 'version: STSv1\nmode: none\v\nmax_age: 1\n', false],
    ['mx with a dot behind', 'version: STSv1\nmode: enforce\nmx: a.example.\nmax_age: 1\n', true],
    ['CR as a line end', 'version: STSv1\rmode: none\rmax_age: 1\r', false],
    ['the first of two counts, if it is bad too', 'version: STSv1\nmode: bogus\nmode: none\nmax_age: 1\n', false],
    ['max_age of eleven digits', 'version: STSv1\nmode: none\nmax_age: 00000000001\n', false],
    ['max_age with a fraction', 'version: STSv1\nmode: none\nmax_age: 1.5\n', false],
    ['mx in a list', 'version: STSv1\nmode: enforce\nmx: a.example, b.example\nmax_age: 1\n', false],
    ['mx with a dot in front', 'version: STSv1\nmode: enforce\nmx: .example.com\nmax_age: 1\n', false],
    ['mx that is an address', 'version: STSv1\nmode: enforce\nmx: [192.0.2.1]\nmax_age: 1\n', false],
    ['mx of a wildcard alone', 'version: STSv1\nmode: enforce\nmx: *\nmax_age: 1\n', false],
    ['a value of nothing', 'version: STSv1\nmode: none\nmax_age: 1\nx:\n', false],
    ['HTML', '<html><body>404</body></html>', false],
    ['nothing', '', false],
  ])('RFC 8461 §3.2: %s', (_what, text, valid) => {
    expect(parseMtaStsPolicy(text).ok).toBe(valid);
  });

  it('RFC 8461 §3.2: max_age is at most a year', () => {
    expect(parseMtaStsPolicy('version: STSv1\nmode: none\nmax_age: 9999999999\n')).toMatchObject({
      ok: true,
      value: { maxAgeSeconds: 31_557_600 },
    });
  });

  it('mutants never throw, and what is valid formats to what parses the same', () => {
    for (const mutant of mutants([policyText], { count: 10_000, tokens: ['mx: ', 'mode: ', '\r\n', '\n', ': ', '*.', 'none'] })) {
      const parsed = parseMtaStsPolicy(new TextDecoder().decode(mutant));
      if (parsed.ok) expect(parseMtaStsPolicy(formatMtaStsPolicy(parsed.value))).toEqual(parsed);
      parseMtaStsRecord(new TextDecoder().decode(mutant));
    }
  });
});

describe('matchesMx', () => {
  it.each([
    ['mail.example.com', true],
    ['MAIL.example.com.', true],
    ['a.example.net', true],
    ['example.net', false],
    ['a.b.example.net', false],
    ['other.example.com', false],
    ['', false],
  ])('RFC 8461 §4.1: %s -> %s', (host, expected) => {
    expect(matchesMx(policy, host)).toBe(expected);
  });
});

interface Served {
  readonly status?: number;
  readonly type?: string | null;
  readonly text?: string;
  readonly error?: Error;
}

function serve(served: Served, log: string[] = []): PolicyFetch {
  return async (url, init) => {
    log.push(`${url} ${init.redirect} ${init.cache}`);
    if (served.error) throw served.error;
    const type = served.type === undefined ? 'text/plain; charset=utf-8' : served.type;
    const body = (async function* () {
      yield fromUtf8(served.text ?? policyText);
    })();
    return { status: served.status ?? 200, headers: { get: (name) => (name === 'content-type' ? type : null) }, body };
  };
}

describe('fetchMtaStsPolicy', () => {
  it('RFC 8461 §3.3: asks the well-known place, without redirects or caches', async () => {
    const log: string[] = [];
    expect(await fetchMtaStsPolicy('example.com', { fetch: serve({}, log) })).toMatchObject({ ok: true, policy });
    expect(log).toEqual(['https://mta-sts.example.com/.well-known/mta-sts.txt manual no-store']);
  });

  it.each([
    [{ status: 301 }, 'sts-policy-fetch-error'],
    [{ status: 404 }, 'sts-policy-fetch-error'],
    [{ type: 'text/html' }, 'sts-policy-fetch-error'],
    [{ type: null }, 'sts-policy-fetch-error'],
    [{ text: 'x'.repeat(70_000) }, 'sts-policy-invalid'],
    [{ text: 'no policy' }, 'sts-policy-invalid'],
    [{ error: new Error('connection refused') }, 'sts-policy-fetch-error'],
    [{ error: Object.assign(new Error('expired'), { code: 'CERT_HAS_EXPIRED' }) }, 'sts-webpki-invalid'],
    [
      { error: new TypeError('fetch failed', { cause: Object.assign(new Error('names'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }) }) },
      'sts-webpki-invalid',
    ],
  ] as const)('RFC 8461 §3.3: %j -> %s', async (served, result) => {
    expect(await fetchMtaStsPolicy('example.com', { fetch: serve(served) })).toMatchObject({ ok: false, result });
  });

  it('an abort is an exception', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(fetchMtaStsPolicy('example.com', { fetch: serve({ error: new Error('aborted') }), signal })).rejects.toThrow('enough');
  });
});

describe('findMtaStsPolicy', () => {
  const resolver = new ZoneResolver('_mta-sts.example.com. TXT "v=STSv1; id=2;"', { failures: { '_mta-sts.slow.example': 'timeout' } });
  const now = 1_800_000_000_000;
  const live: PolicyMemory = { policy, id: '1', fetchedAt: now - 1000 };
  const expired: PolicyMemory = { policy, id: '1', fetchedAt: now - 604_800_000 };

  it.each([
    ['nothing known: fetched', 'example.com', undefined, {}, 'fetched', 1],
    ['the same id: cached, nothing fetched', 'example.com', { ...live, id: '2' }, {}, 'cached', 0],
    ['a new id: fetched', 'example.com', live, {}, 'fetched', 1],
    ['a new id that cannot be fetched: cached', 'example.com', live, { status: 500 }, 'cached', 1],
    ['expired and not to be fetched: none', 'example.com', expired, { status: 500 }, 'none', 1],
    ['failed a minute ago: not tried', 'example.com', { ...live, failed: { id: '2', at: now - 60_000 } }, {}, 'cached', 0],
    ['failed ten minutes ago: tried', 'example.com', { failed: { id: '2', at: now - 600_000 } }, {}, 'fetched', 1],
    ['no record, live: cached', 'other.example', live, {}, 'cached', 0],
    ['no record, expired: none', 'other.example', expired, {}, 'none', 0],
    ['DNS fails, live: cached', 'slow.example', live, {}, 'cached', 0],
    ['DNS fails, nothing known: none', 'slow.example', undefined, {}, 'none', 0],
  ] as const)('RFC 8461 §3.3, §5.1: %s', async (_what, domain, memory, served, status, fetches) => {
    const log: string[] = [];
    const found = await findMtaStsPolicy(domain, memory, { resolver, fetch: serve(served, log), now });
    expect({ status: found.status, fetches: log.length, hasPolicy: found.policy !== undefined }).toEqual({
      status,
      fetches,
      hasPolicy: status !== 'none',
    });
  });

  const dayOld: PolicyMemory = { policy, id: '2', fetchedAt: now - 86_400_000 };
  it('RFC 8461 §3.3: a policy is refreshed once a day; a refresh that fails is told, and tried again after five minutes', async () => {
    const refreshed = await findMtaStsPolicy('example.com', dayOld, { resolver, fetch: serve({}), now });
    expect(refreshed).toMatchObject({ status: 'fetched', memory: { fetchedAt: now } });
    const log: string[] = [];
    const failed = await findMtaStsPolicy('example.com', dayOld, { resolver, fetch: serve({ status: 500 }, log), now });
    expect(failed).toMatchObject({
      status: 'cached',
      failure: { result: 'sts-policy-fetch-error' },
      memory: { fetchedAt: dayOld.fetchedAt, failed: { id: '2', at: now } },
    });
    const deps = { resolver, fetch: serve({ status: 500 }, log) };
    await findMtaStsPolicy('example.com', failed.memory, { ...deps, now: now + 299_000 });
    expect(log).toHaveLength(1);
    await findMtaStsPolicy('example.com', failed.memory, { ...deps, now: now + 300_000 });
    expect(log).toHaveLength(2);
  });

  it.each<[string, PolicyMemory, boolean]>([
    ['fresh', { ...dayOld, fetchedAt: now }, false],
    ['almost a day old', { ...dayOld, fetchedAt: now - 86_399_000 }, false],
    ['a day old', dayOld, true],
    ['past half a short life', { ...dayOld, policy: { ...policy, maxAgeSeconds: 3600 }, fetchedAt: now - 1_800_000 }, true],
    ['expired', expired, false],
    ['no policy', { failed: { id: '1', at: now } }, false],
  ])('RFC 8461 §3.3: whether a refresh is due: %s', (_what, memory, due) => {
    expect(isRefreshDue(memory, now)).toBe(due);
  });

  it('tells of what was decided, for an operator', async () => {
    const found = await findMtaStsPolicy('example.com', dayOld, { resolver, fetch: serve({ status: 500 }), now });
    const verdict = judgeMxHost(found.policy, { host: 'mx.evil.example', tls: true, certificateValid: true });
    expect(formatTrace([...found.trace, ...verdict.trace])).toMatchInlineSnapshot(`
      "record (domain=example.com) -> ok  [RFC 8461 §3.1]
        dns _mta-sts.example.com TXT -> ok: "v=STSv1; id=2;"
      fetch (url=https://mta-sts.example.com/.well-known/mta-sts.txt) -> sts-policy-fetch-error: the server answered 500, not 200  [RFC 8461 §3.3]
      policy (id=2 mode=enforce mx=mail.example.com, *.example.net, backupmx.example.com until=2027-01-21T08:00:00.000Z) -> cached: no policy could be fetched  [RFC 8461 §3.3]
      MX host mx.evil.example (mode=enforce mx=mail.example.com, *.example.net, backupmx.example.com tls=true certificateValid=true) -> refuse: mx.evil.example is not among mail.example.com, *.example.net, backupmx.example.com (RFC 8461 §4.1)  [RFC 8461 §5]"
    `);
  });

  it('RFC 8461 §3.3: a failed fetch is remembered', async () => {
    const found = await findMtaStsPolicy('example.com', undefined, { resolver, fetch: serve({ status: 500 }), now });
    expect(found).toMatchObject({
      status: 'none',
      failure: { result: 'sts-policy-fetch-error' },
      memory: { failed: { id: '2', at: now } },
    });
  });
});

describe('judgeMxHost', () => {
  const good = { host: 'mail.example.com', tls: true, certificateValid: true };
  const cells = [
    ['enforce', good, 'deliver'],
    ['enforce', { ...good, host: 'evil.example' }, 'refuse'],
    ['enforce', { ...good, tls: false }, 'refuse'],
    ['enforce', { ...good, certificateValid: false }, 'refuse'],
    ['testing', good, 'deliver'],
    ['testing', { ...good, host: 'evil.example' }, 'deliver-and-report'],
    ['testing', { ...good, tls: false }, 'deliver-and-report'],
    ['testing', { ...good, certificateValid: false }, 'deliver-and-report'],
    ['none', { ...good, host: 'evil.example', tls: false, certificateValid: false }, 'deliver'],
  ] as const;
  it.each(cells)('RFC 8461 §5: mode %s, %j -> %s', (mode, facts, action) => {
    expect(judgeMxHost({ ...policy, mode }, facts).action).toBe(action);
  });

  it('without a policy mail is delivered', () => {
    expect(judgeMxHost(undefined, { ...good, tls: false }).action).toBe('deliver');
  });

  it('only enforce ever refuses', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('enforce', 'testing', 'none'),
        fc.string(),
        fc.boolean(),
        fc.boolean(),
        (mode, host, tls, certificateValid) => {
          if (judgeMxHost({ ...policy, mode }, { host, tls, certificateValid }).action === 'refuse') expect(mode).toBe('enforce');
        },
      ),
    );
  });
});

import { type AuthenticationResults, formatAuthenticationResults, parseAuthenticationResults, writeField } from '@mox/message-format';
import { fromUtf8 } from '@mox/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { direct, forwarded, makeWorld, message, now, type World } from '../test/world.ts';
import { authenticateMessage } from './authenticate-message.ts';
import { findArcOverride } from './find-arc-override.ts';
import { makeAuthenticationResults } from './make-authentication-results.ts';

let world: World;
let signed: Uint8Array;

beforeAll(async () => {
  world = await makeWorld();
  signed = await world.sign(message);
});

async function resultsOf(bytes: Uint8Array, source: typeof direct | undefined): Promise<AuthenticationResults> {
  return makeAuthenticationResults(await authenticateMessage(bytes, source, { resolver: world.resolver, now }), 'mx.example.net');
}

/** One line a result, as `method=result property=value …`. */
function lines({ results }: AuthenticationResults): string[] {
  return results.map(({ method, result, properties }) =>
    [`${method}=${result}`, ...properties.map(({ type, property, value }) => `${type}.${property}=${value}`)].join(' '),
  );
}

describe('makeAuthenticationResults', () => {
  it('RFC 8601 §2.7: each method with the properties registered for it', async () => {
    const found = lines(await resultsOf(signed, direct)).map((line) => line.replace(/(header\.b=)[\w+/]{8}$/, '$1xxxxxxxx'));
    expect(found).toEqual([
      'iprev=pass policy.iprev=192.0.2.1',
      'spf=pass smtp.mailfrom=jane@example.org',
      'dkim=pass header.d=example.org header.i=@example.org header.s=key1 header.a=ed25519-sha256 header.b=xxxxxxxx',
      'dmarc=pass header.from=example.org polrec.p=reject',
    ]);
  });

  it('RFC 8601 §2.7.1: a message without signatures has dkim=none', async () => {
    expect(lines(await resultsOf(fromUtf8(message), undefined))[0]).toBe('dkim=none');
  });

  it('RFC 8601 §2.7.2: for the null reverse-path the HELO identity was checked', async () => {
    const source = { ip: '198.51.100.7', helo: 'lists.example', mailFrom: '' };
    expect(lines(await resultsOf(signed, source))[1]).toBe('spf=pass smtp.helo=lists.example');
  });

  it('RFC 8617 §6: a chain with its oldest pass, and where the message came from', async () => {
    const found = lines(await resultsOf(await world.forward(signed), forwarded));
    expect(found).toContain('arc=pass header.oldest-pass=0 smtp.remote-ip=198.51.100.7');
  });

  it('RFC 9989 §9.1: the record of a parent domain is named', async () => {
    const bytes = fromUtf8('From: jane@news.example.org\r\n\r\n');
    expect(lines(await resultsOf(bytes, forwarded)).at(-1)).toBe(
      'dmarc=fail header.from=news.example.org polrec.p=reject polrec.domain=example.org',
    );
  });

  it('RFC 6008 §4: signatures that begin alike are told apart', async () => {
    const authentication = await authenticateMessage(signed, direct, { resolver: world.resolver, now });
    const [one] = authentication.dkim;
    if (!one?.signature) throw new Error('no signature');
    const other = one.signature.signature.slice();
    other[20] = (other[20] ?? 0) ^ 1;
    const twin = { ...one, signature: { ...one.signature, signature: other } };
    const { results } = makeAuthenticationResults({ ...authentication, dkim: [one, twin] }, 'mx.example.net');
    const marks = results.filter(({ method }) => method === 'dkim').map(({ properties }) => properties.at(-1)?.value);
    expect(new Set(marks).size).toBe(2);
    expect(marks[0]?.length).toBeGreaterThan(20);
  });

  it('RFC 8601 §2.2: is read back as it was written', async () => {
    for (const source of [direct, forwarded, { ...direct, mailFrom: '"odd; \\"name"@example.org', helo: '[192.0.2.1]' }]) {
      const made = await resultsOf(await world.forward(signed), source);
      const pieces = formatAuthenticationResults(made);
      expect(parseAuthenticationResults(pieces.join(' '))).toEqual({ ok: true, value: made });
      expect(writeField('Authentication-Results', pieces)).toMatch(/^Authentication-Results: mx\.example\.net;\s+iprev=/);
    }
  });
});

describe('findArcOverride', () => {
  it('RFC 8617 §7.2.1: the word of a trusted forwarder, with the reason for the report', async () => {
    const deps = { resolver: world.resolver, now };
    const authentication = await authenticateMessage(await world.forward(signed), forwarded, deps);
    expect(findArcOverride(authentication, ['Lists.Example'])).toEqual({
      instance: 1,
      sealer: 'lists.example',
      reason: { type: 'local_policy', comment: 'arc=pass as[1].d=lists.example as[1].s=arc1' },
    });
    expect(findArcOverride(authentication, ['other.example'])).toBeUndefined();
  });

  it('RFC 8617 §7.2.1: nothing to override, or no word that it passed', async () => {
    const deps = { resolver: world.resolver, now };
    const passing = await authenticateMessage(signed, direct, deps);
    expect(findArcOverride(passing, ['lists.example'])).toBeUndefined();
    const unsigned = await world.forward(fromUtf8(message.replace('example.org', 'news.example.org')));
    const failing = await authenticateMessage(unsigned, forwarded, deps);
    expect(failing.dmarc.status).toBe('fail');
    const distrusted = { ...failing, arc: { ...failing.arc, status: 'fail' as const } };
    expect(findArcOverride(distrusted, ['lists.example'])).toBeUndefined();
  });
});

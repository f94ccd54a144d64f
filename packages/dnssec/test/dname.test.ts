import type { DnsMessage, RecordType } from '@mox/dns';
import { formatTrace, ManualClock } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { ValidatingResolver } from '../src/index.ts';
import { now, World } from './signed-zones.ts';

/** Names of 250 bytes, to which no label of six can be added. */
const long = `${'abcdefg.'.repeat(28)}abcdefgh`;

const text = `
example DNAME net
example TXT "beside it"
a.net A 192.0.2.1
a.b.net A 192.0.2.2
b DNAME net
x DNAME y.net
a.y.net A 192.0.2.3
cyc DNAME cyc
one DNAME two
two DNAME one
away DNAME plain.example.
long DNAME ${long}
www CNAME a.example
`;

const world = (): World =>
  new World([
    { name: '' },
    { name: 'example' },
    { name: 'secure.example', text },
    { name: 'hashed.example', text, nsec3: {} },
    { name: 'plain.example', text: 'a A 192.0.2.9', algorithm: false },
  ]);

async function ask(zones: World, name: string, type: RecordType = 'A'): Promise<unknown> {
  const resolver = new ValidatingResolver({ exchanger: zones, clock: new ManualClock(now * 1000), trustAnchors: [zones.anchor] });
  const { status, security, aliases, records, trace = [] } = await resolver.query(name, type);
  return { status, security, aliases, data: records.map(({ data }) => data), trace: formatTrace(trace) };
}

describe.each(['secure.example', 'hashed.example'])('DNAME in %s', (zone) => {
  it.each([
    ['a.example', ['a.net'], 'ok'],
    ['a.b.example', ['a.b.net'], 'ok'],
    ['a.x', ['a.y.net'], 'ok'],
    ['ab', [], 'nxdomain'],
    ['a.ab', [], 'nxdomain'],
    ['none.example', ['none.net'], 'nxdomain'],
    ['www', ['a.example', 'a.net'], 'ok'],
    ['b.example', ['b.net'], 'nodata'],
  ])('RFC 6672 §2.2: %s leads to %j: %s', async (name, aliases, status) => {
    const answer = await ask(world(), `${name}.${zone}`);
    expect(answer).toMatchObject({ status, security: 'secure', aliases: aliases.map((alias) => `${alias}.${zone}`) });
  });

  it('RFC 6672 §2.3: the name itself is not led anywhere', async () => {
    expect(await ask(world(), `example.${zone}`)).toMatchObject({ status: 'nodata', security: 'secure', aliases: [] });
    expect(await ask(world(), `example.${zone}`, 'TXT')).toMatchObject({ status: 'ok', security: 'secure', aliases: [] });
    expect(await ask(world(), `example.${zone}`, 'DNAME')).toMatchObject({ status: 'ok', security: 'secure', data: [`net.${zone}`] });
  });

  it.each([`a.cyc.${zone}`, `a.one.${zone}`])('RFC 6672 §2.2: %s goes round in a circle', async (name) => {
    expect(await ask(world(), name)).toMatchObject({ status: 'servfail', data: [] });
  });

  it.each([0, 6])('RFC 6672 §2.2: a name that becomes too long is an error, told by a code (6) or not (0): %i', async (rcode) => {
    const zones = world();
    const name = `abcdef.long.${zone}`;
    const renamed = zones.zone(zone).set(`long.${zone}`, 'DNAME');
    zones.bend = (message, asked) => (asked === name ? { ...message, rcode, answers: renamed, authorities: [] } : message);
    expect(await ask(zones, name)).toMatchObject({ status: 'servfail', data: [] });
  });

  it('RFC 6672 §5.3.3: a chain is as secure as its weakest link', async () => {
    expect(await ask(world(), `a.away.${zone}`)).toMatchObject({ status: 'ok', security: 'insecure', aliases: ['a.plain.example'] });
  });

  const withoutAlias = (message: DnsMessage): DnsMessage => ({
    ...message,
    answers: message.answers.filter(({ type }) => type !== 'CNAME'),
  });
  const withAnother = (message: DnsMessage): DnsMessage => ({
    ...message,
    answers: message.answers.map((record) => (record.type === 'CNAME' ? { ...record, data: 'a.plain.example' } : record)),
  });
  it.each([
    ['missing', withoutAlias],
    ['another', withAnother],
  ])('RFC 6672 §5.3.1: the alias without a signature is %s: that of the DNAME counts', async (_, bend) => {
    const zones = world();
    zones.bend = (message, asked) => (asked === `a.example.${zone}` ? bend(message) : message);
    const answer = await ask(zones, `a.example.${zone}`);
    expect(answer).toMatchObject({ status: 'ok', security: 'secure', aliases: [`a.net.${zone}`], data: ['192.0.2.1'] });
  });

  it('RFC 6672 §5.3.2, RFC 6672 §5.3.4: what denies beside a DNAME denies nothing below it', async () => {
    const zones = world();
    const name = `a.example.${zone}`;
    const { records } = zones.zone(zone).denial(`example.${zone}`);
    const soa = zones.zone(zone).set(zone, 'SOA');
    zones.bend = (message, asked) => (asked === name ? { ...message, rcode: 3, answers: [], authorities: [...soa, ...records] } : message);
    expect(await ask(zones, name)).toMatchObject({ status: 'servfail', security: 'bogus', data: [] });
  });
});

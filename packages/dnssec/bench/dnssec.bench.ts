// Validation of zones signed in this process: nothing known yet, all known, and what zones can do to those who validate.
import type { DnsMessage, MessageRecord } from '@mox/dns';
import { ManualClock } from '@mox/runtime';
import { benchmark } from '../../../tools/bench-harness.ts';
import { ValidatingResolver, type ValidatingResolverOptions } from '../src/index.ts';
import { createZoneKey } from '../src/zone-key.ts';
import { now, type SigningKey, signSet, World } from '../test/signed-zones.ts';

const world = new World([
  { name: '', algorithm: 8 },
  { name: 'example' },
  { name: 'secure.example', text: 'mail A 192.0.2.1\n*.wild A 192.0.2.1' },
  { name: 'hashed.example', text: 'mail A 192.0.2.1', nsec3: { iterations: 50, salt: new Uint8Array(255) } },
]);

function create(exchanger: World, options: Partial<ValidatingResolverOptions> = {}): ValidatingResolver {
  return new ValidatingResolver({ exchanger, clock: new ManualClock(now * 1000), trustAnchors: [exchanger.anchor], ...options });
}

/** Answers written once: what the resolver behind costs is not of interest. */
function rehearse(exchanger: World): void {
  const known = new Map<string, ReturnType<World['exchange']>>();
  const exchange = exchanger.exchange.bind(exchanger);
  exchanger.exchange = (name, type) => {
    const key = `${name} ${type}`;
    const answer = known.get(key) ?? exchange(name, type);
    known.set(key, answer);
    return answer;
  };
}

rehearse(world);
const warm = create(world);
await benchmark('dnssec: a chain of 3 zones, nothing known', { ours: () => create(world).query('mail.secure.example', 'A') });
await benchmark('dnssec: an answer, its zone known', { ours: () => warm.query('mail.secure.example', 'A') });
await benchmark('dnssec: a wildcard, its zone known', { ours: () => warm.query('any.wild.secure.example', 'A') });
await benchmark('dnssec: no such name by NSEC, its zone known', { ours: () => warm.query('none.secure.example', 'A') });

/** A key of RSA that nobody has, with the tag of another: one word of it makes the checksum what it is to be (RFC 4034 appendix B). */
function collide(key: SigningKey, nth: number): MessageRecord {
  const bytes = new Uint8Array(key.data.key).fill(nth | 1, 8);
  for (let word = 0; word < 0x10000; word++) {
    bytes.set([word >>> 8, word & 0xff], 20);
    const data = { ...key.data, key: bytes };
    if (createZoneKey(data).tag === key.tag) return { name: 'trap', type: 'DNSKEY', ttlSeconds: 300, data };
  }
  throw new Error('no such key');
}

/** CVE-2023-50387: keys with one tag, as many as fit, and signatures by it, none of which is good. */
function keyTrap(): World {
  const trapped = new World([{ name: '' }, { name: 'trap', text: 'mail A 192.0.2.1', algorithm: 8 }]);
  const { key } = trapped.zone('trap');
  if (!key) throw new Error('a key expected');
  const keys: MessageRecord[] = [{ name: 'trap', type: 'DNSKEY', ttlSeconds: 300, data: key.data }];
  for (let i = 0; keys.length < 60; i++) keys.unshift(collide(key, i));
  const set: MessageRecord[] = [{ name: 'mail.trap', type: 'A', ttlSeconds: 300, data: '192.0.2.1' }];
  const good = signSet(set, key, 'trap');
  const bad = Array.from({ length: 300 }, (_, i): MessageRecord => {
    const signature = new Uint8Array(good.data.signature);
    signature.set([i >>> 8, i & 0xff], 60);
    return { ...good, data: { ...good.data, signature } };
  });
  const signedKeys = [...keys, signSet(keys, key, 'trap')];
  trapped.bend = (message: DnsMessage, name, type) => {
    if (name === 'trap' && type === 'DNSKEY') return { ...message, answers: signedKeys };
    return name === 'mail.trap' ? { ...message, answers: [...set, ...bad] } : message;
  };
  rehearse(trapped);
  return trapped;
}

const trapped = keyTrap();
const unbounded = { signaturesPerSetLimit: 1000, keysPerTagLimit: 1000, failureLimit: 100_000, verificationLimit: 100_000 };
for (const options of [{}, unbounded]) {
  const trap = create(trapped, options);
  if ((await trap.query('mail.trap', 'A')).security !== 'bogus') throw new Error('a trap expected');
  const title = options === unbounded ? 'with no bounds' : '60 keys of one tag, 300 signatures';
  await benchmark(`dnssec: hostile, ${title}`, { ours: () => trap.query('mail.trap', 'A') });
}

const deep = `${'a.'.repeat(115)}hashed.example`;
for (const options of [{}, { hashLimit: 1_000_000 }]) {
  const resolver = create(world, options);
  const title = 'hashLimit' in options ? ', with no bound' : '';
  await benchmark(`dnssec: hostile, NSEC3 with 50 iterations, a long salt and 117 labels${title}`, {
    ours: () => resolver.query(deep, 'A'),
  });
}

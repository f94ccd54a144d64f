// Zones that are signed and served in this process, with every kind of proof: for tests that need a world they can bend.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  type DnsMessage,
  type ExchangeResult,
  type Exchanger,
  formatMessage,
  isAtOrBelow,
  type MessageRecord,
  parentName,
  parseMessage,
  parseZone,
  type RecordData,
} from '@mox/dns';
import { hash } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { compareNames, labelsOf, lastLabels, wildcardBelow } from '../src/name-order.ts';
import { hashName } from '../src/nsec3.ts';
import { groupRrsets, type Rrset } from '../src/rrset.ts';
import { countLabels, signedData } from '../src/signed-data.ts';
import type { TrustAnchor } from '../src/trust-anchor.ts';
import { createZoneKey } from '../src/zone-key.ts';

export interface Nsec3Options {
  readonly iterations?: number;
  readonly salt?: Uint8Array;
  readonly optOut?: boolean;
}

export interface ZoneOptions {
  readonly name: string;
  /** Records in zone text; SOA and NS of the zone itself are put in where they are missing. */
  readonly text?: string;
  /** Unsigned where false. */
  readonly algorithm?: number | false;
  readonly nsec3?: Nsec3Options;
  readonly digestType?: number;
  /** Whether the zone above has a DS record; true unless told. */
  readonly delegated?: boolean;
  readonly inception?: number;
  readonly expiration?: number;
}

/** The time of the tests, in seconds. */
export const now = 1_790_000_000;

const curves: Readonly<Record<number, string>> = { 13: 'P-256', 14: 'P-384' };
const digests: Readonly<Record<number, string | undefined>> = {
  5: 'sha1',
  7: 'sha1',
  8: 'sha256',
  10: 'sha512',
  13: 'sha256',
  14: 'sha384',
};

export interface SigningKey {
  readonly data: RecordData['DNSKEY'];
  readonly tag: number;
  readonly privateKey: KeyObject;
}

function fromBase64url(text: string | undefined): Uint8Array {
  return new Uint8Array(Buffer.from(text ?? '', 'base64url'));
}

function makePair(algorithm: number): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 15) return generateKeyPairSync('ed25519');
  if (algorithm === 16) return generateKeyPairSync('ed448');
  const namedCurve = curves[algorithm];
  return namedCurve ? generateKeyPairSync('ec', { namedCurve }) : generateKeyPairSync('rsa', { modulusLength: 1024 });
}

export function makeKey(algorithm: number, flags: number = 257): SigningKey {
  const { publicKey, privateKey } = makePair(algorithm);
  const { x, y, n, e } = publicKey.export({ format: 'jwk' });
  const parts = n === undefined ? [fromBase64url(x), fromBase64url(y)] : [Uint8Array.of(3), fromBase64url(e), fromBase64url(n)];
  const data = { flags, protocol: 3, algorithm, key: new Uint8Array(Buffer.concat(parts)) };
  return { data, tag: createZoneKey(data).tag, privateKey };
}

/** Through the wire and back, so that records have their canonical data. */
export function throughWire(message: DnsMessage): DnsMessage {
  return unwrap(parseMessage(formatMessage(message), { canonical: true }));
}

export const emptyMessage: DnsMessage = {
  ...{ id: 0, response: true, opcode: 0, authoritative: true, truncated: false, recursionDesired: true, recursionAvailable: true },
  ...{ authentic: false, checkingDisabled: true, rcode: 0, questions: [], answers: [], authorities: [], additionals: [] },
};

export function canonicalSet(records: readonly MessageRecord[]): Rrset {
  const [set] = groupRrsets(throughWire({ ...emptyMessage, answers: records }).answers).values();
  if (!set) throw new Error('records expected');
  return set;
}

type RrsigData = RecordData['RRSIG'];

/** Signs a set of records; `changes` to the data of the signature are signed too. */
export function signSet(
  records: readonly MessageRecord[],
  key: SigningKey,
  signer: string,
  changes: Partial<RrsigData> = {},
): Extract<MessageRecord, { type: 'RRSIG' }> {
  const set = canonicalSet(records);
  const ttlSeconds = records[0]?.ttlSeconds ?? 0;
  const data: RrsigData = {
    typeCovered: set.type,
    algorithm: key.data.algorithm,
    labels: countLabels(set.name),
    originalTtlSeconds: ttlSeconds,
    expiration: now + 86_400,
    inception: now - 86_400,
    keyTag: key.tag,
    signer,
    signature: new Uint8Array(0),
    ...changes,
  };
  const unsigned = canonicalSetOf({ name: set.name, type: 'RRSIG', ttlSeconds, data });
  const bytes = signedData(set, { ...unsigned, data });
  const signature = new Uint8Array(sign(digests[key.data.algorithm], bytes, { key: key.privateKey, dsaEncoding: 'ieee-p1363' }));
  return { name: set.name, type: 'RRSIG', ttlSeconds, data: { ...data, signature } };
}

function canonicalSetOf(record: Extract<MessageRecord, { type: 'RRSIG' }>): Extract<MessageRecord, { type: 'RRSIG' }> {
  const [read] = throughWire({ ...emptyMessage, answers: [record] }).answers;
  if (read?.type !== 'RRSIG') throw new Error('a signature expected');
  return read;
}

function toBase32Hex(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => Number.parseInt(five.padEnd(5, '0'), 2).toString(32)).join('');
}

/** A zone: its records by name and type, its keys, its signatures and its chain of denials. */
export class SignedZone {
  readonly name: string;
  readonly options: ZoneOptions;
  readonly key: SigningKey | undefined;
  readonly records = new Map<string, Map<string, MessageRecord[]>>();
  readonly #signatures = new Map<string, MessageRecord>();
  /** Records of denial in order, by the owner's name or hash. */
  #denials: { readonly at: string; readonly record: MessageRecord }[] = [];

  constructor(options: ZoneOptions) {
    this.name = options.name;
    this.options = options;
    if (options.algorithm !== false) this.key = makeKey(options.algorithm ?? 13);
    const below = options.name === '' ? '' : `${options.name}.`;
    const apex = `@ 300 SOA ns.${below} h.${below} 1 2 3 4 60\n@ 300 NS ns.${below}\n`;
    for (const record of unwrap(parseZone(apex + (options.text ?? ''), { origin: `${options.name}.` }))) this.add(record);
    if (this.key) this.add({ name: this.name, type: 'DNSKEY', ttlSeconds: 300, data: this.key.data });
  }

  add(record: MessageRecord): void {
    const type = record.type === 'opaque' ? `TYPE${record.typeNumber}` : record.type;
    const types = this.records.get(record.name) ?? new Map<string, MessageRecord[]>();
    this.records.set(record.name, types);
    types.set(type, [...(types.get(type) ?? []), record]);
  }

  /** The DS record that the zone above has for it. */
  get ds(): RecordData['DS'] {
    if (!this.key) throw new Error('an unsigned zone has no DS');
    const digestType = this.options.digestType ?? 2;
    const bytes = Buffer.concat([Buffer.from(nameBytes(this.name)), Buffer.from(createZoneKey(this.key.data).bytes)]);
    const digest = hash(digestType === 1 ? 'sha1' : digestType === 4 ? 'sha384' : 'sha256', new Uint8Array(bytes));
    return { keyTag: this.key.tag, algorithm: this.key.data.algorithm, digestType, digest };
  }

  get anchor(): TrustAnchor {
    return { zone: this.name, ds: [this.ds] };
  }

  isDelegation(name: string): boolean {
    return name !== this.name && this.records.get(name)?.has('NS') === true;
  }

  /** Whether a name is below a delegation: glue, which is not of the zone. */
  #isGlue(name: string): boolean {
    for (
      let parent = parentName(name);
      parent !== undefined && isAtOrBelow(parent, this.name) && parent !== this.name;
      parent = parentName(parent)
    )
      if (this.isDelegation(parent)) return true;
    return false;
  }

  signature(records: readonly MessageRecord[], type: string): MessageRecord | undefined {
    const [first] = records;
    if (!this.key || !first || (this.isDelegation(first.name) && !['DS', 'NSEC'].includes(type))) return undefined;
    const key = `${first.name} ${type}`;
    const { inception = now - 86_400, expiration = now + 86_400 } = this.options;
    const known = this.#signatures.get(key) ?? signSet(records, this.key, this.name, { inception, expiration });
    this.#signatures.set(key, known);
    return known;
  }

  signed(records: readonly MessageRecord[] | undefined): MessageRecord[] {
    if (!records?.[0]) return [];
    const [first] = records;
    const signature = this.signature(records, first.type === 'opaque' ? `TYPE${first.typeNumber}` : first.type);
    return signature ? [...records, signature] : [...records];
  }

  set(name: string, type: string): MessageRecord[] {
    return this.signed(this.records.get(name)?.get(type));
  }

  hashOf(name: string): string {
    const { salt = new Uint8Array(0), iterations = 0 } = this.options.nsec3 ?? {};
    return toBase32Hex(hashName(name, salt, iterations));
  }

  /** Makes the chain of NSEC or NSEC3 records, once all records are in. */
  finish(): void {
    if (!this.key) return;
    const own = [...this.records.keys()].filter((name) => !this.#isGlue(name));
    this.#denials = this.options.nsec3 ? this.#nsec3Chain(own, this.options.nsec3) : this.#nsecChain(own);
  }

  #typesAt(name: string): string[] {
    const types: string[] = [...(this.records.get(name)?.keys() ?? [])];
    if (this.isDelegation(name))
      return [...types.filter((type) => ['NS', 'DS'].includes(type)), ...(types.includes('DS') ? ['RRSIG'] : [])];
    return types.length > 0 ? [...types, 'RRSIG'] : [];
  }

  #nsecChain(own: readonly string[]): { at: string; record: MessageRecord }[] {
    const sorted = own.toSorted(compareNames);
    return sorted.map((name, i) => {
      const types: readonly string[] = [...new Set([...this.#typesAt(name), 'RRSIG', 'NSEC'])];
      const data = { next: sorted[i + 1] ?? this.name, types };
      return { at: name, record: { name, type: 'NSEC' as const, ttlSeconds: 60, data } };
    });
  }

  #nsec3Chain(own: readonly string[], options: Nsec3Options): { at: string; record: MessageRecord }[] {
    const { salt = new Uint8Array(0), iterations = 0, optOut = false } = options;
    const names = new Set<string>();
    for (const name of own) {
      if (optOut && this.isDelegation(name) && !this.records.get(name)?.has('DS')) continue;
      for (let at: string | undefined = name; at !== undefined && isAtOrBelow(at, this.name); at = parentName(at)) names.add(at);
    }
    const sorted = [...names].map((name) => ({ name, at: this.hashOf(name) })).toSorted((a, b) => (a.at < b.at ? -1 : 1));
    return sorted.map(({ name, at }, i) => {
      const next = hashName((sorted[i + 1] ?? sorted[0])?.name ?? name, salt, iterations);
      const data = { algorithm: 1, flags: optOut ? 1 : 0, iterations, salt, nextHash: next, types: this.#typesAt(name) };
      return { at, record: { name: this.name === '' ? at : `${at}.${this.name}`, type: 'NSEC3', ttlSeconds: 60, data } };
    });
  }

  /** The record of denial at a name, or over it. */
  denial(name: string): { readonly records: MessageRecord[]; readonly exact: boolean } {
    const key = this.options.nsec3 ? this.hashOf(name) : name;
    const order = this.options.nsec3 ? (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1) : compareNames;
    let found = this.#denials.at(-1);
    for (const entry of this.#denials) if (order(entry.at, key) <= 0) found = entry;
    if (this.#denials[0] && order(key, this.#denials[0].at) < 0) found = this.#denials.at(-1);
    return { records: found ? this.signed([found.record]) : [], exact: found?.at === key };
  }

  exists(name: string): boolean {
    return this.records.has(name) || [...this.records.keys()].some((owner) => isAtOrBelow(owner, name));
  }
}

function nameBytes(name: string): Uint8Array {
  return new Uint8Array(
    Buffer.concat([...labelsOf(name).map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')), Buffer.of(0)]),
  );
}

/** Zones put together, asked as one would ask a recursive resolver. Counts and keeps the questions; `bend` may change what it says. */
export class World implements Exchanger {
  readonly zones = new Map<string, SignedZone>();
  readonly questions: string[] = [];
  bend: (message: DnsMessage, name: string, type: string) => DnsMessage | Uint8Array | ExchangeResult = (message) => message;

  constructor(zones: readonly ZoneOptions[]) {
    for (const options of zones) this.zones.set(options.name, new SignedZone(options));
    for (const zone of this.zones.values()) this.#delegate(zone);
    for (const zone of this.zones.values()) zone.finish();
  }

  zone(name: string): SignedZone {
    const zone = this.zones.get(name);
    if (!zone) throw new Error(`no zone ${name}`);
    return zone;
  }

  /** The trust anchor of the root, or of the zone that stands highest. */
  get anchor(): TrustAnchor {
    const [first] = this.zones.values();
    return (this.zones.get('') ?? first ?? this.zone('')).anchor;
  }

  #delegate(zone: SignedZone): void {
    const above = zone.name === '' ? undefined : this.#zoneOf(parentName(zone.name) ?? '');
    if (!above) return;
    above.add({ name: zone.name, type: 'NS', ttlSeconds: 300, data: `ns.${zone.name}` });
    if (zone.key && zone.options.delegated !== false) above.add({ name: zone.name, type: 'DS', ttlSeconds: 300, data: zone.ds });
  }

  #zoneOf(name: string): SignedZone | undefined {
    for (let at: string | undefined = name; at !== undefined; at = parentName(at)) {
      const zone = this.zones.get(at);
      if (zone) return zone;
    }
    return undefined;
  }

  async exchange(name: string, type: string): Promise<ExchangeResult> {
    this.questions.push(`${name} ${type}`);
    const bent = this.bend(this.answer(name, type), name, type);
    if ('status' in bent) return bent;
    const parsed = parseMessage(bent instanceof Uint8Array ? bent : formatMessage(bent), { canonical: true });
    if (!parsed.ok) return { status: 'malformed-answer', problem: parsed.error.message };
    return { status: 'message', message: parsed.value };
  }

  answer(question: string, type: string): DnsMessage {
    const answers: MessageRecord[] = [];
    const proofs: MessageRecord[] = [];
    let name = question;
    for (let links = 0; links < 40; links++) {
      const zone = this.#zoneOf(type === 'DS' ? (parentName(name) ?? '') : name);
      if (!zone) return { ...emptyMessage, rcode: 5 };
      const { answers: more, authorities, rcode, next } = answerFrom(zone, name, type);
      answers.push(...more);
      proofs.push(...authorities);
      if (next === undefined)
        return { ...emptyMessage, rcode, answers, authorities: dedupe(proofs), questions: [{ name: question, type, class: 1 }] };
      name = next;
    }
    return { ...emptyMessage, rcode: 2 };
  }
}

interface ZoneAnswer {
  readonly answers: readonly MessageRecord[];
  readonly authorities: readonly MessageRecord[];
  readonly rcode: number;
  readonly next?: string;
}

function answerFrom(zone: SignedZone, name: string, type: string): ZoneAnswer {
  const soa = zone.set(zone.name, 'SOA');
  const records = zone.set(name, type);
  if (records.length > 0 && (type === 'DS' || !zone.isDelegation(name))) return { answers: records, authorities: [], rcode: 0 };
  const alias = zone.set(name, 'CNAME');
  if (alias[0]?.type === 'CNAME') return { answers: alias, authorities: [], rcode: 0, next: alias[0].data };
  for (let at = parentName(name); at !== undefined && isAtOrBelow(at, zone.name); at = parentName(at)) {
    const renamed = zone.set(at, 'DNAME');
    if (renamed[0]?.type === 'DNAME') {
      const next = `${name.slice(0, name.length - at.length)}${renamed[0].data}`;
      return { answers: [...renamed, { name, type: 'CNAME', ttlSeconds: 300, data: next }], authorities: [], rcode: 0, next };
    }
  }
  if (zone.exists(name)) return { answers: [], authorities: dedupe([...soa, ...deny(zone, name)]), rcode: 0 };
  return answerByWildcard(zone, name, type, soa);
}

function encloserOf(zone: SignedZone, name: string): { encloser: string; nextCloser: string } {
  const labels = labelsOf(name);
  let count = labels.length - 1;
  while (!zone.exists(lastLabels(labels, count))) count--;
  return { encloser: lastLabels(labels, count), nextCloser: lastLabels(labels, count + 1) };
}

function answerByWildcard(zone: SignedZone, name: string, type: string, soa: readonly MessageRecord[]): ZoneAnswer {
  const { encloser, nextCloser } = encloserOf(zone, name);
  const wildcard = wildcardBelow(encloser);
  const cover = zone.denial(zone.options.nsec3 ? nextCloser : name).records;
  const isThere = zone.records.has(wildcard);
  for (const kind of isThere ? [type, 'CNAME'] : []) {
    const answers = zone.set(wildcard, kind).map((record): MessageRecord => ({ ...record, name }));
    if (answers.length === 0) continue;
    const [first] = answers;
    return { answers, authorities: dedupe(cover), rcode: 0, ...(first?.type === 'CNAME' && type !== 'CNAME' && { next: first.data }) };
  }
  const match = zone.options.nsec3 ? zone.denial(encloser).records : [];
  return { answers: [], authorities: dedupe([...soa, ...match, ...cover, ...zone.denial(wildcard).records]), rcode: isThere ? 0 : 3 };
}

/** Proofs that a name that is there has none of a type. */
function deny(zone: SignedZone, name: string): readonly MessageRecord[] {
  const own = zone.denial(name);
  if (own.exact || !zone.options.nsec3) return own.records;
  // Hidden by Opt-Out: the closest name that is not, and what is over the next one.
  const labels = labelsOf(name);
  for (let count = labels.length - 1; ; count--) {
    const match = zone.denial(lastLabels(labels, count));
    if (match.exact || count <= labelsOf(zone.name).length)
      return [...match.records, ...zone.denial(lastLabels(labels, count + 1)).records];
  }
}

function dedupe(records: readonly MessageRecord[]): readonly MessageRecord[] {
  return [
    ...new Map(
      records.map((record) => [
        `${record.name} ${record.type} ${record.type === 'RRSIG' ? record.data.typeCovered : ''} ${record.type === 'opaque' ? '' : JSON.stringify(record.data)}`,
        record,
      ]),
    ).values(),
  ];
}

import { type DnsAnswer, describeFailure, formatTxt, isFailedAnswer, isNegativeAnswer, joinTxt, type Resolver, traceDns } from '@mox/dns';
import { importPublicKey, type PublicKey, type TraceDns } from '@mox/runtime';
import { type DkimKeyRecord, parseKeyRecord } from './key-record.ts';

/** What a look-up of a key needs. */
export interface KeyLookupDeps {
  readonly resolver: Resolver;
  readonly signal?: AbortSignal;
  readonly keyCache?: DkimKeyCache;
  /** What the key is to be for, in the words of its tag `s`: `email` unless told. */
  readonly service?: string;
}

/** Keeps imported keys by the text of their record: importing one costs more than checking a signature. Make it with `createKeyCache`. */
export interface DkimKeyCache {
  get(record: string): KeyResult | undefined;
  set(record: string, key: KeyResult): void;
}

/** A key record and its key, or what is wrong with it. */
export type KeyResult =
  | { readonly ok: true; readonly record: DkimKeyRecord; readonly key: PublicKey }
  | { readonly ok: false; readonly problem: string; readonly record?: DkimKeyRecord };

/** What the DNS has for a selector of a domain. */
export interface KeyLookup {
  /** `ok` where there is a usable key. */
  readonly status: 'ok' | 'temperror' | 'permerror';
  /** Usable keys: more than one where there are several records, which RFC 6376 §3.6.2.2 leaves undefined. */
  readonly keys: readonly Extract<KeyResult, { ok: true }>[];
  readonly problem?: string;
  /** Whether the answer was DNSSEC-validated. */
  readonly authentic: boolean;
  readonly name: string;
  readonly dns: readonly TraceDns[];
}

/**
 * A cache for keys, bounded in number (1,000 unless told). There are two halves: when the one in use is full it becomes the other,
 * which is forgotten; what is used of that comes over. So a key that is in use stays, for one look-up each time.
 */
export function createKeyCache(options: { readonly entries?: number } = {}): DkimKeyCache {
  const most = Math.max(1, (options.entries ?? 1000) >> 1);
  let current = new Map<string, KeyResult>();
  let previous = new Map<string, KeyResult>();
  const set = (record: string, key: KeyResult): void => {
    if (current.size >= most && !current.has(record)) {
      previous = current;
      current = new Map();
    }
    current.set(record, key);
  };
  return {
    get(record) {
      const key = current.get(record);
      if (key) return key;
      const old = previous.get(record);
      if (old) set(record, old);
      return old;
    },
    set,
  };
}

async function importKey(record: DkimKeyRecord): Promise<PublicKey | undefined> {
  if (record.keyType === 'ed25519') return importPublicKey('raw', record.publicKey);
  // RFC 6376 §3.6.1 wants an RSAPublicKey, and its own appendix C.2 publishes a SubjectPublicKeyInfo, as all the world does.
  return (await importPublicKey('spki', record.publicKey)) ?? importPublicKey('pkcs1', record.publicKey);
}

async function readKey(text: string): Promise<KeyResult> {
  const parsed = parseKeyRecord(text);
  if (!parsed.ok) return { ok: false, problem: `key record: ${parsed.error.message}` };
  const record = parsed.value;
  if (record.publicKey.length === 0) return { ok: false, problem: 'the key is revoked', record };
  if (record.keyType !== 'rsa' && record.keyType !== 'ed25519')
    return { ok: false, problem: `key type "${record.keyType}" is not known`, record };
  const key = await importKey(record);
  // Of RSA, keys of more than 8192 bits are none either: verifiers need not go beyond 4096 (RFC 8301 §3.2).
  if (key?.type !== record.keyType) return { ok: false, problem: `tag "p" is not a usable key of type ${record.keyType}`, record };
  return { ok: true, record, key };
}

async function importRecord(text: string, cache: DkimKeyCache | undefined): Promise<KeyResult> {
  const key = await readKey(text);
  cache?.set(text, key);
  return key;
}

/** A key that may be used for a service, or why not: the tag `s` (RFC 6376 §3.6.1). Not cached: it is for whoever asks. */
function checkService(result: KeyResult, service: string): KeyResult {
  const { record } = result;
  if (!result.ok || !record?.serviceTypes || record.serviceTypes.includes('*') || record.serviceTypes.includes(service)) return result;
  return { ok: false, problem: `the key is for "${record.serviceTypes.join(':')}", not for "${service}"`, record };
}

const noKey = 'no key for signature';

/** Most records of one selector that are looked at. */
const mostRecords = 5;

/** What an answer is where it has no records. */
function findAnswerFault(answer: DnsAnswer<'TXT'>): Pick<KeyLookup, 'status' | 'problem'> | undefined {
  if (isFailedAnswer(answer)) return { status: 'temperror', problem: `key unavailable: ${describeFailure(answer)}` };
  return isNegativeAnswer(answer) ? { status: 'permerror', problem: noKey } : undefined;
}

/** Looks up the key of a selector (RFC 6376 §3.6.2, §6.1.2) for a service. */
export async function lookupKey(domain: string, selector: string, deps: KeyLookupDeps): Promise<KeyLookup> {
  const name = `${selector}._domainkey.${domain}`;
  const answer = await deps.resolver.query(name, 'TXT', deps.signal ? { signal: deps.signal } : {});
  const texts = answer.records.map(({ data }) => joinTxt(data));
  const dns = [traceDns(name, 'TXT', answer, texts.map(formatTxt))];
  const authentic = answer.security === 'secure';
  const fault = findAnswerFault(answer);
  if (fault) return { ...fault, name, authentic, dns, keys: [] };
  const service = deps.service ?? 'email';
  const keys: Extract<KeyResult, { ok: true }>[] = [];
  let problem: string | undefined;
  for (const text of texts.slice(0, mostRecords)) {
    const result = checkService(deps.keyCache?.get(text) ?? (await importRecord(text, deps.keyCache)), service);
    if (result.ok) keys.push(result);
    else problem ??= result.problem;
  }
  if (keys.length > 0) return { status: 'ok', name, authentic, dns, keys };
  return { status: 'permerror', problem: problem ?? noKey, name, authentic, dns, keys };
}

/** The look-ups of the keys of one message: one question for all signatures by a key. */
export class KeyLookups {
  readonly #deps: KeyLookupDeps;
  readonly #lookups = new Map<string, Promise<KeyLookup>>();

  constructor(deps: KeyLookupDeps) {
    this.#deps = deps;
  }

  /** Looks up the key of a signature, as `lookupKey`, unless that has been begun. What it rejects with may be awaited late, or never. */
  lookup({ domain, selector }: { readonly domain: string; readonly selector: string }): Promise<KeyLookup> {
    const name = `${selector} ${domain}`;
    const known = this.#lookups.get(name);
    if (known) return known;
    const lookup = lookupKey(domain, selector, this.#deps);
    lookup.catch(() => {});
    this.#lookups.set(name, lookup);
    return lookup;
  }
}

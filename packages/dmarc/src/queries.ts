import { type DnsAnswer, joinTxt, type QueryOptions, type RecordType, type Resolver, traceDns } from '@mox/dns';
import type { TraceDns } from '@mox/runtime';
import { isDmarcRecord, type ParsedDmarcRecord, parseDmarcRecord } from './record.ts';

/** How the policy and organizational domains are found, in the words of RFC 9990 §3.1.1.5: by the DNS tree walk, or a public suffix list. */
export type DiscoveryMethod = 'treewalk' | 'psl';

/** What DMARC checks need. */
export interface DmarcDeps {
  readonly resolver: Resolver;
  readonly signal?: AbortSignal;
  /** `treewalk` (RFC 9989) unless given; `psl` has the semantics of RFC 7489 and RFC 9091. */
  readonly discovery?: DiscoveryMethod;
}

/** What is published at `_dmarc.<domain>`. */
export interface RecordAnswer {
  readonly domain: string;
  readonly status: 'ok' | 'none' | 'temperror';
  readonly found?: ParsedDmarcRecord;
  /** Why there is no record, where something stood there. */
  readonly problem?: string;
  /** Whether something stood there that claims to be of DMARC but is no record. */
  readonly invalid: boolean;
  readonly authentic: boolean;
  readonly dns: TraceDns;
}

const emptyStatuses: ReadonlySet<string> = new Set(['nodata', 'nxdomain', 'malformed-name']);

/** Whether an answer is a failure, after which nothing is known. */
export function isFailure(answer: DnsAnswer): boolean {
  return answer.security === 'bogus' || !(answer.status === 'ok' || emptyStatuses.has(answer.status));
}

function readAnswer(domain: string, name: string, answer: DnsAnswer<'TXT'>): RecordAnswer {
  const base = { domain, dns: traceDns(name, 'TXT', answer), authentic: answer.security === 'secure', invalid: false };
  if (isFailure(answer))
    return { ...base, status: 'temperror', problem: `looking up TXT of ${name}: ${answer.problem ?? base.dns.status}` };
  const texts = answer.records.map((record) => joinTxt(record.data)).filter(isDmarcRecord);
  const [text] = texts;
  if (text === undefined) return { ...base, status: 'none' };
  // RFC 9989 §4.10: several records are all discarded.
  if (texts.length > 1) return { ...base, status: 'none', problem: `more than one DMARC record at ${name}` };
  const parsed = parseDmarcRecord(text);
  if (parsed.ok) return { ...base, status: 'ok', found: parsed.value };
  return { ...base, status: 'none', invalid: true, problem: `invalid record at ${name}: ${parsed.error.message}` };
}

/** The DNS queries of one check: each name is asked about once, however many walks lead over it. */
export class DmarcQueries {
  readonly #options: QueryOptions;
  readonly #resolver: Resolver;
  readonly #records = new Map<string, Promise<RecordAnswer>>();

  constructor(deps: DmarcDeps) {
    this.#resolver = deps.resolver;
    this.#options = deps.signal ? { signal: deps.signal } : {};
  }

  ask<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    return this.#resolver.query(name, type, this.#options);
  }

  /** What is published at `_dmarc.<domain>` (RFC 9989 §4.5), and whether it was asked for now. */
  async record(domain: string): Promise<{ readonly answer: RecordAnswer; readonly fresh: boolean }> {
    const known = this.#records.get(domain);
    if (known) return { answer: await known, fresh: false };
    const name = `_dmarc.${domain}`;
    const asked = this.ask(name, 'TXT').then((answer) => readAnswer(domain, name, answer));
    this.#records.set(domain, asked);
    return { answer: await asked, fresh: true };
  }
}

import { type DnsAnswer, lookupTxtRecord, type RecordType, type Resolver, type TxtRecordForm, type TxtRecordLookup } from '@mox/dns';
import type { Domain } from '@mox/idna';
import type { TraceDns } from '@mox/runtime';
import { isDmarcRecord, type ParsedDmarcRecord, parseDmarcRecord } from './record.ts';

/** How the policy and organizational domains are found, in the words of RFC 9990 §3.1.1.5: by the DNS tree walk, or a public suffix list. */
export type DiscoveryMethod = 'treewalk' | 'psl';

/** What DMARC checks need. */
export interface DmarcDeps {
  readonly resolver: Resolver;
  readonly signal?: AbortSignal;
  /**
   * The organizational domain by a public suffix list, such as the function of this name of `@mox/publicsuffix`; undefined for a public
   * suffix. With it policies and organizations are found as RFC 7489 and RFC 9091 had it, otherwise by the DNS tree walk (RFC 9989 §4.10).
   */
  readonly organizationalDomain?: (domain: Domain) => Domain | undefined;
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

const form: TxtRecordForm<ParsedDmarcRecord> = { claims: isDmarcRecord, parse: parseDmarcRecord };

function readLookup(domain: string, name: string, found: TxtRecordLookup<ParsedDmarcRecord>): RecordAnswer {
  const { status, record, problem, authentic, dns } = found;
  return {
    domain,
    // RFC 9989 §4.10: several records are all discarded, and so is one that cannot be read.
    status: status === 'ok' || status === 'temperror' ? status : 'none',
    invalid: status === 'invalid',
    authentic,
    dns,
    ...(record && { found: record }),
    ...(status !== 'none' && problem !== undefined && { problem: `${name}: ${problem}` }),
  };
}

/** The DNS queries of one check: each name is asked about once, however many walks lead over it. */
export class DmarcQueries {
  readonly #deps: DmarcDeps;
  readonly #records = new Map<string, Promise<RecordAnswer>>();

  constructor(deps: DmarcDeps) {
    this.#deps = deps;
  }

  ask<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    const { resolver, signal } = this.#deps;
    return resolver.query(name, type, signal ? { signal } : {});
  }

  /** What is published at `_dmarc.<domain>` (RFC 9989 §4.5), and whether it was asked for now. */
  async record(domain: string): Promise<{ readonly answer: RecordAnswer; readonly fresh: boolean }> {
    const known = this.#records.get(domain);
    if (known) return { answer: await known, fresh: false };
    const name = `_dmarc.${domain}`;
    const asked = lookupTxtRecord(name, form, this.#deps).then((found) => readLookup(domain, name, found));
    this.#records.set(domain, asked);
    return { answer: await asked, fresh: true };
  }
}

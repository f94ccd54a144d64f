import { type DnsAnswer, type DnsRecord, joinTxt, type QueryOptions, type RecordType, type Resolver, traceDns } from '@mox/dns';
import { parseDomain } from '@mox/idna';
import type { Trace, TraceDns, TraceStep } from '@mox/runtime';
import { type Cidr, cidrContains, formatIp, type IpAddress, parseIp, unmapIp } from '@mox/syntax';
import { expandMacroString, type MacroLetter, type MacroString, parseMacroString, truncateDomainName } from './macro.ts';
import { isSpfRecord, type SpfMechanism, type SpfRecord } from './record.ts';
import { rememberRecord } from './record-memory.ts';

/** Result of `checkHost` (RFC 7208 §2.6). */
export type SpfStatus = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';

/** What `checkHost` is asked about (RFC 7208 §4.1). */
export interface CheckHostInput {
  /** The client's address. */
  readonly ip: string | IpAddress;
  /** The domain whose record is looked up, as A-labels. */
  readonly domain: string;
  /** The "MAIL FROM" or "HELO" identity, `localpart@domain`; without a localpart, `postmaster` (§4.3). */
  readonly sender: string;
  /** What the client said in HELO or EHLO, for the macro `h`. */
  readonly helo?: string;
  /** Name of the receiving server, for the macro `r`; `unknown` without it. */
  readonly receiver?: string;
  /** Time of the check in milliseconds, for the macro `t`. */
  readonly now?: number;
}

/** Limits of RFC 7208 §4.6.4, and a bound on the time. */
export interface SpfLimits {
  /** Terms that cause DNS queries: 10. */
  readonly lookups: number;
  /** Queries without an answer: 2. */
  readonly voidLookups: number;
  /** Names of one `mx` or `ptr` whose addresses are looked up: 10. */
  readonly names: number;
}

/** What `checkHost` needs. A limit on the time is the signal's: RFC 7208 §4.6.4 wants at least 20 seconds. */
export interface SpfDeps {
  readonly resolver: Resolver;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<SpfLimits>;
}

/** What came out, and why. */
export interface SpfResult {
  readonly status: SpfStatus;
  /** The domain that was checked, and the one whose record decided: the same unless there was a `redirect`. */
  readonly domain: string;
  readonly recordDomain: string;
  /** The mechanism that matched, as published; `default` where none did (RFC 7208 §9.1). */
  readonly mechanism?: string;
  /** What the domain says about a `fail` (RFC 7208 §6.2). A third party's words: do not pass them on as your own. */
  readonly explanation?: string;
  /** What is wrong, for `temperror` and `permerror`. */
  readonly problem?: string;
  /** Terms that caused DNS queries, out of the limit. */
  readonly lookups: number;
  /** Whether every DNS answer used was DNSSEC-validated. */
  readonly authentic: boolean;
  /** How long the result holds for this domain and address, in seconds; 0 where macros make it depend on more (RFC 7208 §7.3). */
  readonly ttlSeconds: number;
  readonly trace: Trace;
}

const defaultLimits: SpfLimits = { lookups: 10, voidLookups: 2, names: 10 };

/** Ends an evaluation; caught in `checkHost` alone. */
class SpfStop extends Error {
  readonly status: 'temperror' | 'permerror';
  constructor(status: 'temperror' | 'permerror', problem: string) {
    super(problem);
    this.status = status;
  }
}

/** What one call of check_host() gives, before it is dressed up as a result. */
interface Evaluation {
  readonly status: SpfStatus;
  readonly recordDomain: string;
  readonly mechanism?: string;
  readonly problem?: string;
  /** The record that decided, for its `exp`. */
  readonly record?: SpfRecord;
}

const voidStatuses: ReadonlySet<string> = new Set(['nodata', 'nxdomain', 'malformed-name']);

/** Whether a name can be asked for, and has more than one label (RFC 7208 §4.3). */
function isCheckable(domain: string): boolean {
  if (domain.length > 253) return false;
  const labels = domain.split('.');
  return labels.length > 1 && labels.every((label) => label.length > 0 && label.length <= 63) && !/^\[.*\]$/.test(domain);
}

/** One check: what it is about, what it has used up, and the trace it leaves. */
class SpfCheck {
  readonly #deps: SpfDeps;
  readonly #limits: SpfLimits;
  readonly #input: CheckHostInput;
  readonly #ip: IpAddress;
  readonly #localpart: string;
  readonly #senderDomain: string;
  lookups = 0;
  authentic = true;
  ttlSeconds: number = Number.POSITIVE_INFINITY;
  #voidLookups = 0;
  #explaining = false;
  /** Queries of the step that is being taken. */
  #dns: TraceDns[] = [];

  constructor(input: CheckHostInput, ip: IpAddress, deps: SpfDeps) {
    this.#deps = deps;
    this.#limits = { ...defaultLimits, ...deps.limits };
    this.#input = input;
    this.#ip = ip;
    const at = input.sender.lastIndexOf('@');
    this.#localpart = at > 0 ? input.sender.slice(0, at) : 'postmaster';
    this.#senderDomain = asciiDomain(input.sender.slice(at + 1));
  }

  /** The queries since the last call, as a part of a trace step. */
  #takeDns(): { dns?: readonly TraceDns[] } {
    if (this.#dns.length === 0) return {};
    const dns = this.#dns;
    this.#dns = [];
    return { dns };
  }

  async #query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    const options: QueryOptions = this.#deps.signal ? { signal: this.#deps.signal } : {};
    const answer = await this.#deps.resolver.query(name, type, options);
    this.#dns.push(traceDns(name, type, answer));
    this.ttlSeconds = Math.min(this.ttlSeconds, answer.ttlSeconds);
    if (answer.security !== 'secure') this.authentic = false;
    return answer;
  }

  /** Records for a mechanism: none counts as a void lookup, a failure ends the check (RFC 7208 §5). */
  async #lookup<T extends RecordType>(name: string, type: T): Promise<readonly DnsRecord<T>[]> {
    // A localpart beyond ASCII in a macro matches nothing (RFC 8616 §4).
    if (!isAscii(name)) return [];
    const answer = await this.#query(name, type);
    if (answer.status === 'ok' && answer.security !== 'bogus') return answer.records;
    if (!voidStatuses.has(answer.status))
      throw new SpfStop('temperror', `looking up ${type} of ${name}: ${answer.problem ?? answer.status}`);
    this.#countVoidLookup();
    return [];
  }

  /** RFC 7208 §4.6.4. The look-ups of an explanation come after the evaluation and are not counted. */
  #countVoidLookup(): void {
    if (!this.#explaining && ++this.#voidLookups > this.#limits.voidLookups) {
      throw new SpfStop('permerror', `more than ${this.#limits.voidLookups} lookups found nothing`);
    }
  }

  #countLookup(): void {
    if (++this.lookups > this.#limits.lookups) {
      throw new SpfStop('permerror', `more than ${this.#limits.lookups} terms need DNS lookups`);
    }
  }

  /** check_host() (RFC 7208 §4); the steps taken are added to `trace`. */
  async evaluate(domain: string, trace: TraceStep[]): Promise<Evaluation> {
    const none = { status: 'none', recordDomain: domain } as const;
    if (!isCheckable(domain)) {
      trace.push({
        step: 'domain',
        rfc: 'RFC 7208 §4.3',
        inputs: { domain },
        outcome: 'none',
        detail: 'not a domain name of two labels or more',
      });
      return { ...none, problem: 'not a domain name of two labels or more' };
    }
    const text = await this.#fetchRecord(domain, trace);
    if (text === undefined) return { ...none, problem: 'no SPF record' };
    const read = rememberRecord(text);
    const { parsed } = read;
    const inputs = { domain, record: text };
    if (!parsed.ok) {
      trace.push({ step: 'syntax', rfc: 'RFC 7208 §4.6', inputs, outcome: 'permerror', detail: parsed.error.message });
      throw new SpfStop('permerror', `record of ${domain}: ${parsed.error.message}`);
    }
    trace.push({ step: 'record', rfc: 'RFC 7208 §4.5', inputs, outcome: 'found', ...this.#takeDns() });
    return this.#evaluateRecord(domain, parsed.value, read.mechanismTexts, trace);
  }

  /** The one SPF record of a domain (RFC 7208 §4.4, §4.5). */
  async #fetchRecord(domain: string, trace: TraceStep[]): Promise<string | undefined> {
    const answer = await this.#query(domain, 'TXT');
    const step = { step: 'record', rfc: 'RFC 7208 §4.4', inputs: { domain } };
    if (!voidStatuses.has(answer.status) && (answer.status !== 'ok' || answer.security === 'bogus')) {
      const problem = `looking up TXT of ${domain}: ${answer.problem ?? answer.status}`;
      trace.push({ ...step, outcome: 'temperror', ...this.#takeDns() });
      throw new SpfStop('temperror', problem);
    }
    const records = answer.records.map((record) => joinTxt(record.data)).filter(isSpfRecord);
    if (records.length > 1) {
      trace.push({ ...step, rfc: 'RFC 7208 §4.5', outcome: 'permerror', detail: 'more than one SPF record', ...this.#takeDns() });
      throw new SpfStop('permerror', `${domain} has more than one SPF record`);
    }
    if (records.length === 0) trace.push({ ...step, rfc: 'RFC 7208 §4.5', outcome: 'none', ...this.#takeDns() });
    return records[0];
  }

  async #evaluateRecord(domain: string, record: SpfRecord, texts: readonly string[], trace: TraceStep[]): Promise<Evaluation> {
    for (const [i, mechanism] of record.mechanisms.entries()) {
      const text = texts[i] ?? '';
      const steps: TraceStep[] = [];
      const step = { step: `mechanism ${text}`, rfc: mechanismSections[mechanism.type] };
      let matched: boolean;
      try {
        const match = this.#matches(mechanism, domain, steps);
        matched = typeof match === 'boolean' ? match : await match;
      } catch (error) {
        if (error instanceof SpfStop) trace.push({ ...step, outcome: error.status, detail: error.message, ...this.#inner(steps) });
        throw error;
      }
      trace.push({ ...step, outcome: matched ? mechanism.result : 'no match', ...this.#inner(steps) });
      if (matched) return { status: mechanism.result, recordDomain: domain, mechanism: text, record };
    }
    if (record.redirect) return this.#redirect(domain, record.redirect, trace);
    trace.push({ step: 'default', rfc: 'RFC 7208 §4.7', outcome: 'neutral', detail: 'no mechanism matched' });
    return { status: 'neutral', recordDomain: domain, mechanism: 'default', record };
  }

  #inner(steps: readonly TraceStep[]): Pick<TraceStep, 'dns' | 'steps'> {
    return { ...this.#takeDns(), ...(steps.length > 0 && { steps }) };
  }

  /** RFC 7208 §6.1. */
  async #redirect(domain: string, target: MacroString, trace: TraceStep[]): Promise<Evaluation> {
    this.#countLookup();
    const name = await this.#expandDomain(target, domain);
    trace.push({ step: `modifier redirect=${target.text}`, rfc: 'RFC 7208 §6.1', inputs: { target: name }, outcome: 'followed' });
    const evaluation = await this.evaluate(name, trace);
    if (evaluation.status === 'none') throw new SpfStop('permerror', `redirect to ${name}, which has no SPF record`);
    return evaluation;
  }

  #matches(mechanism: SpfMechanism, domain: string, steps: TraceStep[]): boolean | Promise<boolean> {
    switch (mechanism.type) {
      case 'all':
        return true;
      case 'ip4':
      case 'ip6':
        return cidrContains(mechanism.network, this.#ip);
      default:
        this.#countLookup();
        return this.#matchesByDns(mechanism, domain, steps);
    }
  }

  async #matchesByDns(
    mechanism: Exclude<SpfMechanism, { type: 'all' | 'ip4' | 'ip6' }>,
    domain: string,
    steps: TraceStep[],
  ): Promise<boolean> {
    const target = mechanism.domain ? await this.#expandDomain(mechanism.domain, domain) : domain;
    switch (mechanism.type) {
      case 'include':
        return this.#includes(target, steps);
      case 'exists':
        // A records alone, whatever the version of <ip> (RFC 7208 §5.7).
        return (await this.#lookup(target, 'A')).length > 0;
      case 'a':
        return this.#hasAddress(target, mechanism);
      case 'mx':
        return this.#hasExchange(target, mechanism);
      case 'ptr':
        return (await this.#validatedNames(target)).some((name) => isWithin(name, target.toLowerCase()));
    }
  }

  /** RFC 7208 §5.2: of the results of the other record only `pass` matches, and `none` is a permerror. */
  async #includes(target: string, steps: TraceStep[]): Promise<boolean> {
    const { status } = await this.evaluate(target, steps);
    if (status === 'none') throw new SpfStop('permerror', `include of ${target}, which has no SPF record`);
    return status === 'pass';
  }

  async #addresses(name: string, lookup: 'counted' | 'free'): Promise<readonly string[] | undefined> {
    const type = this.#ip.version === 4 ? 'A' : 'AAAA';
    if (lookup === 'counted') return (await this.#lookup(name, type)).map((record) => record.data);
    const answer = await this.#query(name, type);
    return answer.status === 'ok' && answer.security !== 'bogus' ? answer.records.map((record) => record.data) : undefined;
  }

  /** RFC 7208 §5.3. */
  async #hasAddress(name: string, prefixes: { readonly ip4Prefix: number; readonly ip6Prefix: number }): Promise<boolean> {
    const prefixLength = this.#ip.version === 4 ? prefixes.ip4Prefix : prefixes.ip6Prefix;
    for (const text of (await this.#addresses(name, 'counted')) ?? []) {
      const address = parseIp(text);
      const network: Cidr | undefined = address && { address, prefixLength };
      if (network && cidrContains(network, this.#ip)) return true;
    }
    return false;
  }

  /** RFC 7208 §5.4. */
  async #hasExchange(name: string, prefixes: { readonly ip4Prefix: number; readonly ip6Prefix: number }): Promise<boolean> {
    const records = await this.#lookup(name, 'MX');
    if (records.length > this.#limits.names) throw new SpfStop('permerror', `${name} has more than ${this.#limits.names} MX records`);
    for (const record of records) {
      // The null MX (RFC 7505 §3) names no host.
      if (record.data.exchange !== '' && (await this.#hasAddress(record.data.exchange, prefixes))) return true;
    }
    return false;
  }

  /** Names of <ip> that lead back to it (RFC 7208 §5.5): the target and those below it, which are looked at first, alone where there are any. */
  async #validatedNames(target: string): Promise<readonly string[]> {
    const reverse = `${this.#reversedIp()}.${this.#ip.version === 4 ? 'in-addr' : 'ip6'}.arpa`;
    const answer = await this.#query(reverse, 'PTR');
    if (voidStatuses.has(answer.status)) this.#countVoidLookup();
    if (answer.status !== 'ok' || answer.security === 'bogus') return [];
    const validated: string[] = [];
    for (const { data } of answer.records.slice(0, this.#limits.names)) {
      const addresses = (await this.#addresses(data, 'free')) ?? [];
      if (addresses.some((text) => sameAddress(text, this.#ip))) validated.push(data.toLowerCase());
      if (validated.at(-1) === target.toLowerCase()) break;
    }
    return validated;
  }

  #reversedIp(): string {
    return this.#dottedIp().split('.').reverse().join('.');
  }

  /** The macro `i` (RFC 7208 §7.3): hexadecimal digits with dots between for IPv6. */
  #dottedIp(): string {
    if (this.#ip.version === 4) return formatIp(this.#ip);
    return Array.from(this.#ip.bytes, (byte) => `${(byte >>> 4).toString(16)}.${(byte & 15).toString(16)}`)
      .join('.')
      .toUpperCase();
  }

  /** The macro `p` (RFC 7208 §7.3): the domain itself, else a name below it, else any validated name. */
  async #validatedName(domain: string): Promise<string> {
    const names = await this.#validatedNames(domain);
    const lower = domain.toLowerCase();
    return names.find((name) => name === lower) ?? names.find((name) => isWithin(name, lower)) ?? names[0] ?? 'unknown';
  }

  #macroValue(letter: MacroLetter, domain: string): string | Promise<string> {
    if ('sloh'.includes(letter)) this.ttlSeconds = 0;
    switch (letter) {
      case 's':
        return `${this.#localpart}@${this.#senderDomain}`;
      case 'l':
        return this.#localpart;
      case 'o':
        return this.#senderDomain;
      case 'd':
        return domain;
      case 'i':
        return this.#dottedIp();
      case 'p':
        return this.#validatedName(domain);
      case 'h':
        return this.#input.helo ?? 'unknown';
      case 'c':
        return formatIp(this.#ip);
      case 'r':
        return this.#input.receiver ?? 'unknown';
      case 't':
        return String(Math.floor((this.#input.now ?? 0) / 1000));
      case 'v':
        return this.#ip.version === 4 ? 'in-addr' : 'ip6';
    }
  }

  async #expandDomain(string: MacroString, domain: string): Promise<string> {
    return truncateDomainName(await expandMacroString(string, (letter) => this.#macroValue(letter, domain)));
  }

  /** The explanation of a `fail` (RFC 7208 §6.2); undefined where there is none, or a faulty one. */
  async explain(evaluation: Evaluation, trace: TraceStep[]): Promise<string | undefined> {
    const spec = evaluation.record?.explanation;
    if (evaluation.status !== 'fail' || !spec) return undefined;
    this.#explaining = true;
    const name = await this.#expandDomain(spec, evaluation.recordDomain);
    const answer = await this.#query(name, 'TXT');
    const text =
      answer.status === 'ok' && answer.records.length === 1 ? answer.records.map((record) => joinTxt(record.data))[0] : undefined;
    const parsed = text === undefined ? undefined : parseMacroString(text, { explanation: true });
    const explanation = parsed?.ok
      ? await expandMacroString(parsed.value, (letter) => this.#macroValue(letter, evaluation.recordDomain))
      : undefined;
    const usable = explanation !== undefined && /^[\x20-\x7e]*$/.test(explanation) ? explanation : undefined;
    trace.push({
      step: `modifier exp=${spec.text}`,
      rfc: 'RFC 7208 §6.2',
      outcome: usable === undefined ? 'ignored' : 'explained',
      ...(usable !== undefined && { detail: usable }),
      ...this.#takeDns(),
    });
    return usable;
  }
}

const mechanismSections: Readonly<Record<SpfMechanism['type'], string>> = {
  all: 'RFC 7208 §5.1',
  include: 'RFC 7208 §5.2',
  a: 'RFC 7208 §5.3',
  mx: 'RFC 7208 §5.4',
  ptr: 'RFC 7208 §5.5',
  ip4: 'RFC 7208 §5.6',
  ip6: 'RFC 7208 §5.6',
  exists: 'RFC 7208 §5.7',
};

/** U-labels become A-labels (RFC 8616 §4); what is no domain name stays as it is, and is none. */
function asciiDomain(text: string): string {
  if (isAscii(text)) return text;
  const domain = parseDomain(text, { underscore: true });
  return domain.ok ? domain.value.ascii : text;
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

function sameAddress(text: string, ip: IpAddress): boolean {
  const address = parseIp(text);
  return address !== undefined && cidrContains({ address, prefixLength: ip.version === 4 ? 32 : 128 }, ip);
}

/** check_host() of RFC 7208 §4. Throws a TypeError for an `ip` that is none, and what the signal throws. */
export async function checkHost(input: CheckHostInput, deps: SpfDeps): Promise<SpfResult> {
  const ip = typeof input.ip === 'string' ? parseIp(input.ip) : input.ip;
  if (!ip) throw new TypeError(`not an IP address: ${String(input.ip)}`);
  // An IPv4-mapped address is the IPv4 address inside (RFC 7208 §5).
  const check = new SpfCheck(input, unmapIp(ip), deps);
  const domain = asciiDomain(input.domain.endsWith('.') ? input.domain.slice(0, -1) : input.domain);
  const trace: TraceStep[] = [];
  const evaluation = await check.evaluate(domain, trace).catch((error: unknown): Evaluation => {
    if (error instanceof SpfStop) return { status: error.status, recordDomain: domain, problem: error.message };
    throw error;
  });
  const explanation = await check.explain(evaluation, trace);
  const { status, recordDomain, mechanism, problem } = evaluation;
  return {
    status,
    domain,
    recordDomain,
    ...(mechanism !== undefined && { mechanism }),
    ...(explanation !== undefined && { explanation }),
    ...(problem !== undefined && { problem }),
    lookups: Math.min(check.lookups, deps.limits?.lookups ?? defaultLimits.lookups),
    authentic: check.authentic && status !== 'none',
    ttlSeconds: Number.isFinite(check.ttlSeconds) ? check.ttlSeconds : 0,
    trace,
  };
}

/** An SPF check as a server makes it. */
export interface CheckSpfInput extends Omit<CheckHostInput, 'domain' | 'sender'> {
  /** The reverse-path, `localpart@domain`; empty for the null one. */
  readonly mailFrom: string;
  readonly helo: string;
}

/** The result of `checkSpf`, with the identity that was checked. */
export interface CheckSpfResult extends SpfResult {
  readonly identity: 'mailfrom' | 'helo';
}

/** Checks the "MAIL FROM" identity or, where the reverse-path is null, the "HELO" identity as `postmaster@helo` (RFC 7208 §2.4). */
export async function checkSpf(input: CheckSpfInput, deps: SpfDeps): Promise<CheckSpfResult> {
  const { mailFrom, ...rest } = input;
  const identity = mailFrom === '' ? 'helo' : 'mailfrom';
  const sender = mailFrom === '' ? `postmaster@${input.helo}` : mailFrom;
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  return { identity, ...(await checkHost({ ...rest, domain, sender }, deps)) };
}

import { type DaneLookup, lookupDane } from '@mox/dane';
import type { Resolver } from '@mox/dns';
import { type FoundPolicy, findMtaStsPolicy, type PolicyMemory } from '@mox/mtasts';
import type { TraceStep } from '@mox/runtime';
import { decideHostPolicy, type HostEvidence, type HostPolicy } from './host-policy.ts';
import type { MxHost, MxHosts } from './mx-hosts.ts';
import type { OutboundOptions } from './options.ts';
import type { PolicyStore } from './policy-store.ts';

/** What is known of a host, and asked of it, before a connection is made. */
export interface PreparedHost {
  readonly name: string;
  readonly dane?: DaneLookup;
  readonly sts?: FoundPolicy;
  readonly policy: HostPolicy;
}

export type FoundHosts = Extract<MxHosts, { status: 'hosts' }>;

/** Looks the policies of hosts up, that of MTA-STS once for all of them. */
export class PolicyFinder {
  readonly #options: OutboundOptions;
  readonly #policies: PolicyStore;
  readonly #resolver: Resolver;
  readonly #signal: AbortSignal;
  #found: Promise<FoundPolicy | undefined> | undefined;

  constructor(
    options: OutboundOptions & { readonly policies: PolicyStore },
    deps: { readonly resolver: Resolver; readonly signal: AbortSignal },
  ) {
    this.#options = options;
    this.#policies = options.policies;
    this.#resolver = deps.resolver;
    this.#signal = deps.signal;
  }

  /** The MTA-STS policy of the domain, by what is remembered of it (RFC 8461 §3.3, §5.1). */
  async #findSts(domain: string): Promise<FoundPolicy> {
    const memory: PolicyMemory | undefined = await this.#policies.get(domain);
    const { fetch, clock, limits } = this.#options;
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(1000 * (limits?.policySeconds ?? 60))]);
    // The limit is that of the fetch: look-ups have their own, and one that takes long is no fault of this machine.
    const resolver: Resolver = { query: (name, type) => this.#resolver.query(name, type, { signal: this.#signal }) };
    const found = await findMtaStsPolicy(domain, memory, { resolver, fetch, now: clock.now(), signal });
    if (found.memory && found.memory !== memory) await this.#policies.set(domain, found.memory);
    return found;
  }

  /** Gathers what the policies of a host are, and decides what is asked of it. `stsIsNew`: it was the first to ask for MTA-STS. */
  async prepare(
    host: MxHost,
    hosts: FoundHosts,
    message: { readonly requireTls: boolean; readonly tlsNotRequired: boolean },
  ): Promise<PreparedHost & { readonly steps: readonly TraceStep[]; readonly stsIsNew: boolean }> {
    const { by, secure, domain, expanded } = hosts;
    const nextHop = { domain, secure, ...(expanded === undefined ? {} : { expanded }) };
    // RFC 7672 §2.2.2: a domain that is its own host, and surely has no MX records, is the next hop itself.
    const destination = { host: host.name, port: this.#options.port ?? 25, ...(by === 'implicit' && secure ? {} : { nextHop }) };
    const dane = by === 'literal' ? undefined : await lookupDane(destination, { resolver: this.#resolver, signal: this.#signal });
    const stsIsNew = this.#found === undefined;
    const needless = by === 'literal' || (secure && dane?.status === 'usable');
    const sts = needless ? undefined : await (this.#found ??= this.#findSts(domain));
    const evidence: HostEvidence = {
      host: host.name,
      by,
      secure,
      ...(dane ? { dane } : {}),
      ...(sts?.policy ? { sts: sts.policy } : {}),
      stsCertain: isCertain(sts),
      ...message,
    };
    const policy = decideHostPolicy(evidence);
    const steps: TraceStep[] = [
      ...(dane
        ? [{ step: `DANE for ${host.name}`, rfc: 'RFC 7672 §2.2', outcome: dane.status, ...detail(dane.problem), steps: dane.trace }]
        : []),
      ...(sts && stsIsNew ? [{ step: `MTA-STS for ${domain}`, rfc: 'RFC 8461 §5.1', outcome: sts.status, steps: sts.trace }] : []),
      {
        step: `policy for ${host.name}`,
        rfc: policy.refusal?.rfc ?? policy.demands[0]?.rfc ?? 'RFC 7672 §2.2',
        outcome: policy.refusal ? 'not used' : describeDemands(policy),
        ...detail(policy.refusal?.problem),
      },
    ];
    return { name: host.name, policy, steps, stsIsNew: sts !== undefined && stsIsNew, ...(dane ? { dane } : {}), ...(sts ? { sts } : {}) };
  }
}

/** Whether the domain could be asked for its policy: what could not be had may be there later. */
function isCertain(sts: FoundPolicy | undefined): boolean {
  const looked = sts?.trace
    .flatMap(({ dns = [] }) => dns)
    .every(({ status }) => status === 'ok' || status === 'nodata' || status === 'nxdomain');
  return sts === undefined || (sts.failure === undefined && (sts.policy !== undefined || looked === true));
}

function detail(text: string | undefined): { readonly detail?: string } {
  return text === undefined ? {} : { detail: text };
}

function describeDemands({ demands }: HostPolicy): string {
  if (demands.length === 0) return 'opportunistic TLS';
  return demands
    .map(({ policy, certificate, enforced }) => `${policy}: TLS, certificate ${certificate}${enforced ? '' : ', not enforced'}`)
    .join('; ');
}

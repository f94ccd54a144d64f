import type { TraceStep } from '@mox/runtime';
import { AddressAttempt, type AddressOutcome } from './attempt-host.ts';
import { AttemptResolver } from './attempt-resolver.ts';
import { Deadline } from './deadline.ts';
import type { Deliver, DeliveryAttempt, OutgoingMessage, RecipientOutcome } from './delivery.ts';
import { lookupHostAddresses } from './host-addresses.ts';
import { type FoundHosts, PolicyFinder, type PreparedHost } from './host-preparation.ts';
import { lookupMxHosts, type MxHost } from './mx-hosts.ts';
import type { OutboundOptions } from './options.ts';
import { MemoryPolicyStore, type PolicyStore } from './policy-store.ts';
import { type OutcomeHost, RecipientOutcomes, troubleOfOpening } from './recipient-outcomes.ts';
import { TlsResults } from './tls-results.ts';

type Options = OutboundOptions & { readonly policies: PolicyStore };

/** One attempt: what is known of each recipient, and what may still be tried. */
class Attempt {
  readonly #options: Options;
  readonly #message: OutgoingMessage;
  readonly #signal: AbortSignal;
  readonly #resolver: AttemptResolver;
  readonly #policies: PolicyFinder;
  readonly #results = new TlsResults();
  readonly #steps: TraceStep[] = [];
  readonly #outcomes: RecipientOutcomes;
  #connections = 0;
  #sessions = 0;
  #domain = '';
  /** Preference of a host that is this one: it and those after it are not to be used (RFC 5321 §5.1). */
  #ownPreference = Number.POSITIVE_INFINITY;

  constructor(options: Options, message: OutgoingMessage, signal: AbortSignal) {
    this.#options = options;
    this.#message = message;
    this.#signal = signal;
    this.#resolver = new AttemptResolver(options.resolver);
    this.#policies = new PolicyFinder(options, { resolver: this.#resolver, signal });
    this.#outcomes = new RecipientOutcomes(message);
  }

  get outcomes(): RecipientOutcomes {
    return this.#outcomes;
  }

  result(): DeliveryAttempt {
    const recipients = this.#outcomes.finish();
    this.#steps.push(...recipients.slice(0, 100).map(describeOutcome));
    return { recipients, tlsResults: this.#results.results, trace: this.#steps };
  }

  async run(): Promise<void> {
    const { hostname, ownNames = [], random, limits } = this.#options;
    const rules = { ownNames: [hostname, ...ownNames], random, ...(limits?.hosts === undefined ? {} : { mostHosts: limits.hosts }) };
    const found = await lookupMxHosts(this.#message.nextHop, { ...rules, resolver: this.#resolver, signal: this.#signal });
    this.#steps.push(...found.trace);
    if (found.status !== 'hosts') return this.#outcomes.trouble({ code: found.code, problem: found.problem });
    this.#domain = found.domain;
    for (const host of found.hosts) {
      if (this.#isOver() || host.preference >= this.#ownPreference) break;
      await this.#tryHost(host, found);
    }
  }

  #isOver(): boolean {
    this.#signal.throwIfAborted();
    const { connections = 20, sessions = 3 } = this.#options.limits ?? {};
    return this.#outcomes.open.length === 0 || this.#connections >= connections || this.#sessions >= sessions;
  }

  async #tryHost(host: MxHost, hosts: FoundHosts): Promise<void> {
    const addresses = await this.#findAddresses(host, hosts);
    if (addresses.length === 0) return;
    const { envelope, tlsNotRequired = false } = this.#message;
    const requireTls = envelope.requireTls === true && envelope.sender !== '';
    const prepared = await this.#policies.prepare(host, hosts, { requireTls, tlsNotRequired });
    this.#steps.push(...prepared.steps);
    this.#reportPolicies(prepared);
    const { refusal } = prepared.policy;
    if (refusal) return this.#outcomes.trouble({ code: refusal.code, problem: refusal.problem, host: host.name });
    for (const address of addresses) {
      if (this.#isOver()) return;
      await this.#tryAddress(prepared, address);
    }
  }

  async #findAddresses(host: MxHost, hosts: FoundHosts): Promise<readonly string[]> {
    if (hosts.by === 'literal') return [host.name];
    const { addresses, status, problem, step } = await lookupHostAddresses(host.name, { resolver: this.#resolver, signal: this.#signal });
    this.#steps.push(step);
    // RFC 5321 §5.1: MX records of which none is usable are an error of the domain.
    if (status === 'failed') this.#outcomes.trouble({ code: '4.4.3', problem: problem ?? 'the look-up failed', host: host.name });
    if (status === 'none')
      this.#outcomes.trouble({ code: hosts.by === 'implicit' ? '5.1.2' : '5.4.4', problem: problem ?? 'no address', host: host.name });
    const own = Object.values(this.#options.localAddresses ?? {});
    if (!addresses.some((address) => own.includes(address))) return addresses.slice(0, this.#options.limits?.addresses ?? 4);
    this.#ownPreference = host.preference;
    this.#outcomes.trouble({
      code: '5.4.6',
      problem: `mail for the domain loops back to this host, which ${host.name} is`,
      host: host.name,
    });
    return [];
  }

  /** What is to be told of the policies themselves (RFC 8460 §4.3.2). */
  #reportPolicies({ name, dane, sts, policy, stsIsNew }: PreparedHost & { readonly stsIsNew: boolean }): void {
    if (sts && stsIsNew) this.#results.policyNotFound(this.#domain, sts);
    const bogus = dane?.trace.flatMap(({ dns = [] }) => dns).some(({ status }) => status === 'bogus');
    if (dane?.status === 'error' && bogus) this.#results.dnssecInvalid(name, dane.problem ?? 'bogus');
    if (policy.refusal?.result && sts?.policy) {
      this.#results.hostRefused({ domain: this.#domain, host: name, sts: sts.policy }, policy.refusal.result, policy.refusal.problem);
    }
  }

  async #tryAddress(host: PreparedHost, address: string): Promise<void> {
    const first = await this.#connect(host, address, { withoutTls: false });
    const outcome = first.type === 'tls-failed' ? await this.#connect(host, address, { withoutTls: true }) : first;
    const at: OutcomeHost = { host: host.name, ip: address };
    if (outcome.type === 'no-connection') this.#outcomes.trouble({ code: '4.4.1', problem: outcome.problem, ...at });
    else if (outcome.type === 'refused-by-policy') {
      const { code, problem } = outcome.refusal;
      this.#outcomes.trouble({ code, problem, ...at });
    } else if (outcome.type === 'not-opened') {
      this.#outcomes.trouble(troubleOfOpening(outcome.failure, { ...at, proofWanted: host.policy.tlsRequired }));
    } else if (outcome.type === 'tls-failed') this.#outcomes.trouble({ code: '4.7.5', problem: outcome.problem, ...at });
  }

  async #connect(host: PreparedHost, address: string, { withoutTls }: { readonly withoutTls: boolean }): Promise<AddressOutcome> {
    const { envelope, sizeBytes } = this.#message;
    const indexes = this.#outcomes.open;
    const recipients = indexes.flatMap((i) => envelope.recipients[i] ?? []);
    this.#connections++;
    const outcome = await new AddressAttempt(this.#options, this.#results, {
      host,
      address,
      domain: this.#domain,
      envelope: { sizeBytes, ...envelope, recipients },
      withoutTls,
      signal: this.#signal,
      content: () => this.#message.content(),
    }).run();
    this.#steps.push(outcome.step);
    if (outcome.type !== 'sent') return outcome;
    this.#sessions++;
    const { result } = outcome;
    this.#outcomes.record(indexes, result, { host: host.name, ip: address });
    if (result.sent.length === 0 && result.failure) {
      this.#outcomes.trouble(troubleOfOpening(result.failure, { host: host.name, ip: address, proofWanted: false }));
    }
    if (result.fault) throw result.fault.error;
    return outcome;
  }
}

function describeOutcome({ address, status, code, problem, host, ip }: RecipientOutcome): TraceStep {
  const inputs = {
    code: `${code.class}.${code.subject}.${code.detail}`,
    ...(host === undefined ? {} : { host }),
    ...(ip === undefined ? {} : { ip }),
  };
  return {
    step: `recipient ${address}`,
    rfc: 'RFC 5321 §4.2.1',
    inputs,
    outcome: status,
    ...(problem === undefined ? {} : { detail: problem }),
  };
}

async function attempt(options: Options, message: OutgoingMessage, deadline: Deadline): Promise<DeliveryAttempt> {
  const one = new Attempt(options, message, deadline.signal);
  try {
    await one.run();
    if (!one.outcomes.anySettled) deadline.signal.throwIfAborted();
  } catch (error) {
    // What was taken must be known, whatever happens after it: otherwise it is sent again.
    const known = one.outcomes.anySettled;
    if (deadline.abandoned && !known) throw deadline.signal.reason;
    if (deadline.signal.aborted) one.outcomes.defer('4.4.7', 'the attempt was ended before this recipient had its turn');
    else if (!known) throw error;
    else {
      options.logger.error('an attempt was ended by a fault of this machine', { nextHop: message.nextHop, problem: String(error) });
      one.outcomes.defer('4.3.0', 'the attempt was ended by a fault of this machine');
    }
  }
  return one.result();
}

/**
 * Makes what sends mail: each call makes one attempt to deliver a message to a next hop (RFC 5321 §5.1), by the policies of its domain
 * and hosts: DANE (RFC 7672), MTA-STS (RFC 8461), REQUIRETLS (RFC 8689). Whatever hosts and the DNS do wrong is an outcome. An attempt
 * rejects where its signal aborts, or this machine fails, before any recipient is settled; after that, those that are left are deferred.
 */
export function createOutbound(options: OutboundOptions): Deliver {
  const complete: Options = { ...options, policies: options.policies ?? new MemoryPolicyStore() };
  return async (message, { signal } = {}) => {
    signal?.throwIfAborted();
    const deadline = new Deadline(1000 * (options.limits?.attemptSeconds ?? 3_600), signal);
    try {
      return await attempt(complete, message, deadline);
    } finally {
      deadline.stop();
    }
  };
}

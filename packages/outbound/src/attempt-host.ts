import { type DaneResult, verifyDane } from '@mox/dane';
import { type Connection, connect, NetError, type Serving } from '@mox/net-node';
import type { TraceStep } from '@mox/runtime';
import { type SmtpCapabilities, SmtpClientSession, type SmtpEnvelope, type SmtpReply } from '@mox/smtp';
import { parseIp } from '@mox/syntax';
import { judgeCertificate } from './certificate-facts.ts';
import { judgeSession, type PolicyRefusal, type SessionFacts, type SessionVerdict } from './host-policy.ts';
import type { PreparedHost } from './host-preparation.ts';
import { HostSession, type HostSessionResult, type OpeningFailure } from './host-session.ts';
import type { OutboundOptions } from './options.ts';
import { boundText } from './remote-text.ts';
import type { SessionEnds, TlsResults } from './tls-results.ts';

/** One try at one address of a host. */
export interface AddressTry {
  readonly host: PreparedHost;
  readonly address: string;
  readonly domain: string;
  readonly envelope: SmtpEnvelope;
  /** STARTTLS is left alone: it has failed, and nobody asks for it. */
  readonly withoutTls: boolean;
  readonly signal: AbortSignal;
  content(): Promise<AsyncIterable<Uint8Array>>;
}

/** How it went. */
export type AddressOutcome = { readonly step: TraceStep } & (
  | { readonly type: 'no-connection'; readonly problem: string }
  /** A policy keeps the message from this host. */
  | { readonly type: 'refused-by-policy'; readonly refusal: PolicyRefusal }
  /** TLS failed where nobody asks for it: to be tried without. */
  | { readonly type: 'tls-failed'; readonly problem: string }
  | { readonly type: 'not-opened'; readonly failure: OpeningFailure }
  | { readonly type: 'sent'; readonly result: HostSessionResult }
);

/** What a session shows of itself on the way. */
interface Observed {
  connection?: Connection;
  facts?: SessionFacts;
  verdict?: SessionVerdict;
  greeting?: SmtpReply;
}

/** The name that a server's greeting begins with (RFC 5321 §4.2). */
function greetingName(greeting: SmtpReply | undefined): string | undefined {
  const line = typeof greeting?.text === 'string' ? greeting.text : greeting?.text[0];
  const [name = ''] = line?.split(' ') ?? [];
  return name === '' ? undefined : boundText(name, 255);
}

/** Tries one address: a connection, a session, TLS as the policy of the host wants it, and the message. */
export class AddressAttempt {
  readonly #options: OutboundOptions;
  readonly #results: TlsResults;
  readonly #try: AddressTry;
  readonly #session: SmtpClientSession;
  readonly #observed: Observed = {};

  constructor(options: OutboundOptions, results: TlsResults, attempt: AddressTry) {
    this.#options = options;
    this.#results = results;
    this.#try = attempt;
    const { hostname, clock, timeouts } = options;
    const startTls = attempt.withoutTls ? 'never' : attempt.host.policy.tlsRequired ? 'required' : 'opportunistic';
    this.#session = new SmtpClientSession({ hostname, clock, startTls, ...(timeouts ? { timeouts } : {}) });
  }

  async run(): Promise<AddressOutcome> {
    const { signal, address, host } = this.#try;
    let session: HostSession | undefined;
    let serving: Serving;
    try {
      serving = await this.#connect((connection) => {
        session = this.#makeSession(connection);
        return session;
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NetError)) throw error;
      return { type: 'no-connection', problem: error.message, step: this.#step('no connection', error.message) };
    }
    this.#observed.connection = serving.connection;
    if (!session) throw new TypeError(`no session was made for ${host.name} at ${address}`);
    const result = await session.done;
    // A session that is over holds nothing up: QUIT goes its way by itself.
    return this.#judgeResult(result);
  }

  #connect(serve: (connection: Connection) => HostSession): Promise<Serving> {
    const { limits = {}, roots, localAddresses, port = 25, logger } = this.#options;
    const { address, host, signal } = this.#try;
    const localAddress = parseIp(address)?.version === 6 ? localAddresses?.ipv6 : localAddresses?.ipv4;
    // RFC 7672 §8.1: the TLSA base domain is the server name.
    const serverName = host.dane?.baseDomain ?? host.name;
    const connecting = new AbortController();
    const stop = (): void => connecting.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const run = this.#options.connect ?? connect;
    return run({
      host: address,
      port,
      serve,
      signal: connecting.signal,
      connectTimeoutMilliseconds: 1000 * (limits.connectSeconds ?? 30),
      ...(localAddress === undefined ? {} : { localAddress }),
      tls: {
        mode: 'starttls',
        serverName,
        allowUntrusted: true,
        handshakeTimeoutMilliseconds: 1000 * (limits.handshakeSeconds ?? 30),
        ...(roots ? { roots } : {}),
      },
      session: { logger, clock: this.#options.clock },
    }).finally(() => signal.removeEventListener('abort', stop));
  }

  #makeSession(connection: Connection): HostSession {
    const { limits = {} } = this.#options;
    const { envelope, signal } = this.#try;
    this.#observed.connection = connection;
    return new HostSession(connection, {
      session: this.#session,
      envelope,
      signal,
      recipientsPerTransaction: limits.recipients ?? 100,
      graceMilliseconds: 1000 * (limits.graceSeconds ?? 30),
      content: () => this.#try.content(),
      judge: async (capabilities, greeting) => (await this.#judge(capabilities, greeting)).refusal === undefined,
    });
  }

  /** Judges the session by the policies of its host (RFC 7672 §3, RFC 8461 §4.2), and counts it. */
  async #judge(capabilities: SmtpCapabilities, greeting: SmtpReply): Promise<SessionVerdict> {
    const { tls } = capabilities;
    const { name } = this.#try.host;
    const dane = await this.#verifyDane(capabilities);
    this.#observed.greeting = greeting;
    const tlsOffered = tls !== undefined || capabilities.get('STARTTLS') !== undefined;
    return this.#count({
      host: name,
      tls: tls !== undefined,
      tlsOffered,
      ...(tlsOffered && !tls ? { tlsProblem: `${name} offered STARTTLS and refused it` } : {}),
      ...(dane ? { dane } : {}),
      pkix: judgeCertificate(name, tls),
      requireTlsOffered: capabilities.get('REQUIRETLS') !== undefined,
    });
  }

  async #verifyDane({ tls }: SmtpCapabilities): Promise<DaneResult | undefined> {
    const { dane } = this.#try.host;
    const peer = tls?.peerCertificate;
    if (!peer || dane?.status !== 'usable') return undefined;
    const chain = [peer.der, ...(peer.chain ?? [])];
    return verifyDane({ chain, records: dane.records, names: dane.names, now: this.#options.clock.now() });
  }

  #count(facts: SessionFacts): SessionVerdict {
    const { host, domain, withoutTls } = this.#try;
    const verdict = judgeSession(host.policy, facts, host.sts?.policy);
    this.#observed.facts = facts;
    this.#observed.verdict = verdict;
    // Without TLS on purpose: the session in which it failed was counted.
    if (withoutTls || domain === '') return verdict;
    const reported = {
      domain,
      host: host.name,
      ...(host.dane ? { dane: host.dane } : {}),
      ...(host.sts?.policy ? { sts: host.sts.policy } : {}),
    };
    const { tls, tlsOffered: offered, tlsProblem } = facts;
    const outcome = { tls, offered, ...(tlsProblem === undefined ? {} : { problem: tlsProblem }) };
    this.#results.session(reported, outcome, { verdict, ends: this.#ends() });
    return verdict;
  }

  #ends(): SessionEnds {
    const { connection, greeting } = this.#observed;
    const helo = greetingName(greeting);
    return {
      ...(connection?.localAddress ? { sendingMtaIp: connection.localAddress } : {}),
      receivingIp: this.#try.address,
      ...(helo === undefined ? {} : { receivingMxHelo: helo }),
    };
  }

  /** The session ended before it was open, and TLS is why: no STARTTLS where it is a must, or a handshake that failed. */
  #judgeMissingTls({ code, problem, reply }: OpeningFailure): SessionVerdict | undefined {
    const { policy, name } = this.#try.host;
    const missing = policy.tlsRequired && !this.#session.server.tls;
    const offered = this.#session.server.get('STARTTLS') !== undefined;
    const refused = missing && offered && reply !== undefined && code === 'refused';
    if (code !== 'tls-failed' && code !== 'not-offered' && !refused) return undefined;
    const facts = { host: name, tls: false, tlsOffered: code !== 'not-offered', tlsProblem: problem };
    return this.#count({ ...facts, pkix: { valid: false }, requireTlsOffered: false });
  }

  #judgeResult(result: HostSessionResult): AddressOutcome {
    const { failure, opened, fault } = result;
    const missing = opened || !failure ? undefined : this.#judgeMissingTls(failure);
    const refusal = this.#observed.verdict?.refusal;
    if (fault && result.sent.length === 0) throw fault.error;
    if (refusal) return { type: 'refused-by-policy', refusal, step: this.#step('not used', refusal.problem) };
    if (opened) return { type: 'sent', result, step: this.#step('message offered', failure?.problem) };
    const lost: OpeningFailure = failure ?? { problem: 'the connection was lost', enhanced: '4.4.2', code: 'connection-closed' };
    // RFC 7672 §2.2: without a policy, what fails under TLS may be tried without; TLS 1.3 shows some failures with the first words after.
    const underTls = this.#session.server.tls !== undefined && lost.reply === undefined;
    if (!this.#try.host.policy.tlsRequired && !this.#try.withoutTls && (missing || underTls)) {
      return { type: 'tls-failed', problem: lost.problem, step: this.#step('TLS failed', lost.problem) };
    }
    return { type: 'not-opened', failure: lost, step: this.#step('not opened', lost.problem) };
  }

  #step(outcome: string, problem?: string): TraceStep {
    const { host, address, withoutTls } = this.#try;
    const { facts, verdict } = this.#observed;
    const tls = this.#session.server.tls;
    return {
      step: `${host.name} at ${address}`,
      rfc: 'RFC 5321 §5.1',
      inputs: { tls: tls ? `${tls.protocol} ${tls.cipher}` : withoutTls ? 'left out' : 'none', certificate: facts?.pkix.valid === true },
      outcome,
      ...(problem === undefined ? {} : { detail: boundText(problem) }),
      ...(verdict && verdict.trace.length > 0 ? { steps: verdict.trace } : {}),
    };
  }
}

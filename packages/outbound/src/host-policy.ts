import { type DaneLookup, type DaneResult, decideTls } from '@mox/dane';
import { type CertificateFailure, judgeMxHost, type MtaStsPolicy, matchesMx } from '@mox/mtasts';
import type { TraceStep } from '@mox/runtime';
import type { TlsResultType } from '@mox/tlsrpt';

/** What is known of a host before a connection is made. */
export interface HostEvidence {
  /** Its name, as in the MX record. */
  readonly host: string;
  /** How it was found. */
  readonly by: 'mx' | 'implicit' | 'literal';
  /** Whether it was found securely, by DNSSEC. */
  readonly secure: boolean;
  /** Absent where DANE does not apply: address literals. */
  readonly dane?: Pick<DaneLookup, 'status' | 'nextHopSecure' | 'problem'>;
  /** The MTA-STS policy in force. */
  readonly sts?: MtaStsPolicy;
  /** Whether it is certain that there is no newer or other policy: the record was looked up, and what it named fetched. */
  readonly stsCertain?: boolean;
  /** The message requires TLS (RFC 8689 §4.2.1). Not for messages without a return path (RFC 8689 §5). */
  readonly requireTls: boolean;
  /** The message says `TLS-Required: No` (RFC 8689 §4.2.2). */
  readonly tlsNotRequired: boolean;
}

/** What one policy asks of the session with a host. */
export interface Demand {
  readonly policy: 'dane' | 'mta-sts' | 'requiretls';
  /** The certificate: `any`; authenticated by TLSA records; valid for the host by PKIX; either. */
  readonly certificate: 'any' | 'dane' | 'pkix' | 'dane-or-pkix';
  /** Whether a host that does not meet it is refused, or mail goes there all the same and a report tells of it. */
  readonly enforced: boolean;
  readonly rfc: string;
}

/** Why a host is not used, or a session refused. */
export interface PolicyRefusal {
  readonly policy: Demand['policy'];
  /** RFC 3463. Class 5 only where a later attempt cannot do better. */
  readonly code: string;
  readonly problem: string;
  readonly rfc: string;
  readonly result?: TlsResultType;
}

/** What is asked of a host: demands, none of them for opportunistic TLS; or that it is not to be connected to. */
export interface HostPolicy {
  readonly demands: readonly Demand[];
  /** TLS that is required: nothing is said of the message without it. */
  readonly tlsRequired: boolean;
  readonly refusal?: PolicyRefusal;
}

function daneDemands({ dane, tlsNotRequired, requireTls }: HostEvidence): readonly Demand[] {
  const decision = dane && decideTls(dane);
  const certificate = decision === 'authenticate' ? 'dane' : decision === 'encrypt' ? 'any' : undefined;
  return certificate ? [{ policy: 'dane', certificate, enforced: requireTls || !tlsNotRequired, rfc: 'RFC 7672 §2.2' }] : [];
}

/**
 * DANE for a host that was found securely says all that MTA-STS could. Where the MX records are not secure it does not: they may name
 * a host of somebody else, with TLSA records of its own; so both count (RFC 8461 §2: neither excuses the other).
 */
function stsDemands({ sts, dane, secure, tlsNotRequired, requireTls }: HostEvidence): readonly Demand[] {
  const inForce = sts !== undefined && sts.mode !== 'none' && !(dane?.status === 'usable' && secure);
  const enforced = sts?.mode === 'enforce' && (requireTls || !tlsNotRequired);
  return inForce ? [{ policy: 'mta-sts', certificate: 'pkix', enforced, rfc: 'RFC 8461 §5' }] : [];
}

/** Whether the name of a host is that of a host of the domain (RFC 8689 §4.2.1, step 2). */
function isNameValidated({ by, secure, sts, host }: HostEvidence): boolean {
  return by !== 'mx' || secure || (sts !== undefined && sts.mode !== 'none' && matchesMx(sts, host));
}

function findRefusal(evidence: HostEvidence, demands: readonly Demand[]): PolicyRefusal | undefined {
  const { host, dane, sts, stsCertain = true, requireTls, tlsNotRequired } = evidence;
  if (dane?.status === 'error' && (requireTls || !tlsNotRequired)) {
    const problem = `whether ${host} has TLSA records could not be found out: ${dane.problem ?? 'the look-up failed'}`;
    return { policy: 'dane', code: '4.7.5', problem, rfc: 'RFC 7672 §2.1.2' };
  }
  const enforcedSts = demands.find(({ policy, enforced }) => policy === 'mta-sts' && enforced);
  if (enforcedSts && sts && !matchesMx(sts, host)) {
    const problem = `${host} is not among the hosts of the MTA-STS policy`;
    return { policy: 'mta-sts', code: '4.7.5', problem, rfc: 'RFC 8461 §4.1', result: 'validation-failure' };
  }
  if (requireTls && !isNameValidated(evidence)) {
    const problem = `the message requires TLS, and neither DNSSEC nor MTA-STS vouches for the name ${host}`;
    return { policy: 'requiretls', code: stsCertain ? '5.7.10' : '4.7.10', problem, rfc: 'RFC 8689 §4.2.1' };
  }
  return undefined;
}

/** Decides what is asked of a host (RFC 7672 §2.2, RFC 8461 §5, RFC 8689 §4.2). */
export function decideHostPolicy(given: HostEvidence): HostPolicy {
  // RFC 8689 §4.1: the parameter goes before the header field.
  const evidence = given.requireTls ? { ...given, tlsNotRequired: false } : given;
  const requireTls: readonly Demand[] = evidence.requireTls
    ? [{ policy: 'requiretls', certificate: 'dane-or-pkix', enforced: true, rfc: 'RFC 8689 §4.2.1' }]
    : [];
  const demands = [...daneDemands(evidence), ...stsDemands(evidence), ...requireTls];
  const refusal = findRefusal(evidence, demands);
  return { demands, tlsRequired: demands.some(({ enforced }) => enforced), ...(refusal ? { refusal } : {}) };
}

/** What is known of a host once its session is open, or TLS has failed. */
export interface SessionFacts {
  readonly host: string;
  readonly tls: boolean;
  /** Why there is no TLS. */
  readonly tlsProblem?: string;
  /** Whether the host offered STARTTLS at all. */
  readonly tlsOffered: boolean;
  readonly dane?: Pick<DaneResult, 'status' | 'problem'>;
  readonly pkix: { readonly valid: boolean; readonly failure?: CertificateFailure; readonly problem?: string };
  readonly requireTlsOffered: boolean;
}

/** Whether a demand was met. */
export interface DemandVerdict {
  readonly demand: Demand;
  readonly met: boolean;
  /** As a TLS report calls it (RFC 8460 §4.3). */
  readonly result?: TlsResultType;
  readonly reason: string;
}

/** Whether a session may be used, and which demand was met. */
export interface SessionVerdict {
  readonly verdicts: readonly DemandVerdict[];
  readonly refusal?: PolicyRefusal;
  readonly trace: readonly TraceStep[];
}

type Fault = Pick<DemandVerdict, 'result' | 'reason'>;

function findPkixFault({ host, pkix }: SessionFacts): Fault | undefined {
  if (pkix.valid) return undefined;
  const { failure = 'certificate-not-trusted', problem } = pkix;
  return { result: failure, reason: `the certificate of ${host} is not valid for it${problem === undefined ? '' : `: ${problem}`}` };
}

function findDaneFault({ host, dane }: SessionFacts): Fault | undefined {
  if (dane?.status === 'authenticated') return undefined;
  return { result: 'validation-failure', reason: `no TLSA record authenticates ${host}: ${dane?.problem ?? 'there is none'}` };
}

function findFault(demand: Demand, facts: SessionFacts, sts: MtaStsPolicy | undefined): Fault | undefined {
  if (demand.policy === 'mta-sts' && sts) {
    const { valid, failure } = facts.pkix;
    const judged = judgeMxHost(sts, {
      host: facts.host,
      tls: facts.tls,
      certificateValid: valid,
      ...(failure ? { certificateFailure: failure } : {}),
    });
    if (judged.failure === undefined) return undefined;
    const late = judged.failure === 'starttls-not-supported' && facts.tlsOffered;
    return { result: late ? 'validation-failure' : judged.failure, reason: judged.reason };
  }
  if (!facts.tls) {
    const result = facts.tlsOffered ? 'validation-failure' : 'starttls-not-supported';
    return { result, reason: facts.tlsProblem ?? `${facts.host} does not offer STARTTLS` };
  }
  if (demand.certificate === 'dane') return findDaneFault(facts);
  if (demand.certificate === 'pkix') return findPkixFault(facts);
  if (demand.certificate === 'any' || facts.dane?.status === 'authenticated') return undefined;
  return findPkixFault(facts);
}

/** RFC 8689 §4.2.1 names the codes for REQUIRETLS, whose failure is final; those of other policies are to be tried again. */
function refusalOf({ demand, reason, result }: DemandVerdict): PolicyRefusal {
  const { policy, rfc } = demand;
  const code = policy === 'requiretls' ? '5.7.10' : result === 'starttls-not-supported' ? '4.7.4' : '4.7.5';
  return { policy, code, problem: reason, rfc, ...(result ? { result } : {}) };
}

/** Judges a session by what is asked of its host, before anything of the message is said (RFC 7672 §2.2, RFC 8461 §5, RFC 8689 §4.2). */
export function judgeSession(policy: HostPolicy, facts: SessionFacts, sts?: MtaStsPolicy): SessionVerdict {
  const verdicts = policy.demands.map((demand): DemandVerdict => {
    const fault = findFault(demand, facts, sts);
    return fault ? { demand, met: false, ...fault } : { demand, met: true, reason: 'met' };
  });
  const refused = verdicts.filter(({ demand, met }) => demand.enforced && !met);
  const unmet = refused.find(({ demand }) => demand.policy === 'requiretls') ?? refused[0];
  const trace = verdicts.map(({ demand, met, reason }) => ({
    step: `${demand.policy} asks for TLS, certificate ${demand.certificate}`,
    rfc: demand.rfc,
    inputs: { tls: facts.tls, dane: facts.dane?.status ?? 'not judged', pkix: facts.pkix.valid },
    outcome: met ? 'met' : demand.enforced ? 'refused' : 'not met, used all the same',
    ...(met ? {} : { detail: reason }),
  }));
  if (unmet) return { verdicts, refusal: refusalOf(unmet), trace };
  const lacking = policy.demands.some((demand) => demand.policy === 'requiretls') && !facts.requireTlsOffered;
  if (!lacking) return { verdicts, trace };
  const problem = `the message requires TLS all the way, which ${facts.host} does not promise`;
  return { verdicts, trace, refusal: { policy: 'requiretls', code: '5.7.30', problem, rfc: 'RFC 8689 §4.2.1' } };
}

import { type DaneLookup, formatTlsaRecord } from '@mox/dane';
import { type FoundPolicy, formatMtaStsPolicy, type MtaStsPolicy } from '@mox/mtasts';
import { present } from '@mox/syntax';
import { mergeTlsResults, type TlsFailure, type TlsPolicyResult, type TlsReportPolicy, type TlsResultType } from '@mox/tlsrpt';
import type { SessionVerdict } from './host-policy.ts';
import { boundText } from './remote-text.ts';

/** What the results of one host are about. */
export interface ReportedHost {
  /** The domain of the recipients, as A-labels. */
  readonly domain: string;
  readonly host: string;
  readonly dane?: Pick<DaneLookup, 'records' | 'baseDomain' | 'status'>;
  readonly sts?: MtaStsPolicy;
}

/** Who talked to whom in a session (RFC 8460 §4.4). */
export type SessionEnds = Pick<TlsFailure, 'sendingMtaIp' | 'receivingIp' | 'receivingMxHelo'>;

/** A TLSA policy is of the TLSA base domain (RFC 8460 §1.1), an MTA-STS policy of the domain of the recipients. */
function policyOf(type: 'tlsa' | 'sts' | 'no-policy-found', { domain, host, dane, sts }: ReportedHost): TlsReportPolicy {
  if (type === 'tlsa' && dane) {
    return { type, policy: dane.records.map(formatTlsaRecord), domain: dane.baseDomain ?? host, mxHosts: [host] };
  }
  if (type === 'sts' && sts) return { type, policy: formatMtaStsPolicy(sts).trimEnd().split(/\r?\n/), domain, mxHosts: sts.mx };
  return { type, policy: [], domain, mxHosts: [] };
}

/** Counts sessions by the policy that was applied (RFC 8460 §4.2, §4.3). */
export class TlsResults {
  readonly #results: TlsPolicyResult[] = [];

  get results(): readonly TlsPolicyResult[] {
    return mergeTlsResults(this.#results);
  }

  #failed(policy: TlsReportPolicy, failure: Omit<TlsFailure, 'failedSessions'>): void {
    this.#results.push({ policy, successfulSessions: 0, failedSessions: 1, failures: [{ ...failure, failedSessions: 1 }] });
  }

  #succeeded(policy: TlsReportPolicy): void {
    this.#results.push({ policy, successfulSessions: 1, failedSessions: 0, failures: [] });
  }

  /** A policy that could not be had (RFC 8460 §4.3.2.2). */
  policyNotFound(domain: string, { failure, policy }: Pick<FoundPolicy, 'failure' | 'policy'>): void {
    if (!failure) return;
    const reported = policyOf('sts', { domain, host: domain, ...(policy ? { sts: policy } : {}) });
    this.#failed(reported, { resultType: failure.result, failureReasonCode: boundText(failure.problem) });
  }

  /** A look-up of TLSA records that is bogus (RFC 8460 §4.3.2.1). Other failures of the DNS are transient and not told (RFC 8460 §4.3.4). */
  dnssecInvalid(host: string, problem: string): void {
    const policy = { type: 'tlsa', policy: [], domain: host, mxHosts: [host] };
    this.#failed(policy, { resultType: 'dnssec-invalid', receivingMxHostname: host, failureReasonCode: boundText(problem) });
  }

  /** A host that a policy leaves out before anything is asked of it. */
  hostRefused(reported: ReportedHost, resultType: TlsResultType, problem: string): void {
    this.#failed(policyOf('sts', reported), { resultType, receivingMxHostname: reported.host, failureReasonCode: boundText(problem) });
  }

  /** A session that got as far as to show whether there is TLS. */
  session(
    reported: ReportedHost,
    outcome: { readonly tls: boolean; readonly offered: boolean; readonly problem?: string },
    more: {
      readonly verdict: SessionVerdict;
      readonly ends: SessionEnds;
    },
  ): void {
    const details = (resultType: TlsResultType, reason?: string): Omit<TlsFailure, 'failedSessions'> => ({
      resultType,
      ...present({ ...more.ends, receivingMxHostname: reported.host, failureReasonCode: reason && boundText(reason) }),
    });
    const policies = more.verdict.verdicts.filter(({ demand }) => demand.policy !== 'requiretls');
    for (const { demand, met, result, reason } of policies) {
      const policy = policyOf(demand.policy === 'dane' ? 'tlsa' : 'sts', reported);
      const unusable = demand.policy === 'dane' && demand.certificate === 'any';
      if (!met) this.#failed(policy, details(result ?? 'validation-failure', outcome.problem ?? reason));
      else if (unusable) this.#failed(policy, details('tlsa-invalid', 'no TLSA record can be used'));
      else this.#succeeded(policy);
    }
    if (policies.length > 0) return;
    const none = policyOf('no-policy-found', reported);
    if (outcome.tls) this.#succeeded(none);
    else if (!outcome.offered) this.#failed(none, details('starttls-not-supported'));
    else this.#failed(none, details('validation-failure', outcome.problem));
  }
}

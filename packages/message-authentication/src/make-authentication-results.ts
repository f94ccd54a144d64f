import type { ArcResult } from '@mox/arc';
import type { DkimResult } from '@mox/dkim';
import type { DmarcResult } from '@mox/dmarc';
import type { IprevResult } from '@mox/iprev';
import type { AuthenticationProperty, AuthenticationResult, AuthenticationResults } from '@mox/message-format';
import { toBase64 } from '@mox/runtime';
import type { CheckSpfResult } from '@mox/spf';
import type { MessageAuthentication } from './authenticate-message.ts';
import type { MessageSource } from './message-source.ts';

/** A property, where its value is known. */
function property(type: string, name: string, value: string | undefined): readonly AuthenticationProperty[] {
  return value === undefined || value === '' ? [] : [{ type, property: name, value }];
}

/** The reason goes into the comment, where other implementations put it and people look. */
function commented(comment: string | undefined): { readonly comment?: string } {
  return comment === undefined ? {} : { comment };
}

/** RFC 8601 §2.7.3, §3. */
function iprevResult({ status, ip, name, problem }: IprevResult): AuthenticationResult {
  return { method: 'iprev', result: status, ...commented(problem ?? name), properties: property('policy', 'iprev', ip) };
}

/** RFC 8601 §2.7.2. */
function spfResult(spf: CheckSpfResult, source: MessageSource): AuthenticationResult {
  const identity = spf.identity === 'helo' ? property('smtp', 'helo', source.helo) : property('smtp', 'mailfrom', source.mailFrom);
  const matched = spf.mechanism === undefined ? undefined : `${spf.recordDomain}: ${spf.mechanism}`;
  return { method: 'spf', result: spf.status, ...commented(spf.problem ?? matched), properties: identity };
}

/** As much of each signature's value as tells them apart, 8 characters at least (RFC 6008 §4). */
function signatureMarks(results: readonly DkimResult[]): readonly (string | undefined)[] {
  const values = results.map(({ signature }) => signature && toBase64(signature.signature));
  return values.map((value, i) => {
    if (value === undefined) return undefined;
    let length = 8;
    const isTaken = (other: string | undefined, j: number): boolean =>
      j !== i && other !== value && other?.slice(0, length) === value.slice(0, length);
    while (length < value.length && values.some(isTaken)) length++;
    return value.slice(0, length);
  });
}

/** RFC 8601 §2.7.1: `none` for a message without signatures. */
function dkimResults(results: readonly DkimResult[]): readonly AuthenticationResult[] {
  if (results.length === 0) return [{ method: 'dkim', result: 'none', properties: [] }];
  const marks = signatureMarks(results);
  return results.map(({ status, problem, signature, testing }, i) => {
    const { domain, identity, algorithm, selector } = signature ?? {};
    const properties = [
      ...property('header', 'd', domain),
      ...property('header', 'i', identity),
      ...property('header', 's', selector),
      ...property('header', 'a', algorithm),
      ...property('header', 'b', marks[i]),
    ];
    return { method: 'dkim', result: status, ...commented(problem ?? (testing ? 'the domain is testing' : undefined)), properties };
  });
}

/** RFC 8617 §6. */
function arcResult({ status, problem, oldestPass }: ArcResult, source: MessageSource | undefined): AuthenticationResult {
  const properties = [
    ...property('header', 'oldest-pass', oldestPass === undefined ? undefined : String(oldestPass)),
    ...property('smtp', 'remote-ip', source?.ip),
  ];
  return { method: 'arc', result: status, ...commented(problem), properties };
}

/** RFC 9989 §9.1. */
function dmarcResult({ status, problem, authorDomain, policy, disposition }: DmarcResult): AuthenticationResult {
  const properties = [
    ...property('header', 'from', authorDomain),
    ...property('polrec', 'p', policy?.requested),
    ...property('polrec', 'domain', policy && policy.domain !== authorDomain ? policy.domain : undefined),
  ];
  const wanted = status === 'fail' ? `disposition ${disposition}` : undefined;
  return { method: 'dmarc', result: status, ...commented(problem ?? wanted), properties };
}

/**
 * What the checks found, for an Authentication-Results field (RFC 8601) or an ARC set: iprev, SPF, each signature of DKIM, ARC and DMARC.
 * `formatAuthenticationResults` and `writeField` of `@mox/message-format` make a field of it. `authservId` is the name that this
 * administrative domain signs its results with (RFC 8601 §2.5).
 */
export function makeAuthenticationResults(authentication: MessageAuthentication, authservId: string): AuthenticationResults {
  const { source, iprev, spf, dkim, arc, dmarc } = authentication;
  const results = [
    ...(iprev ? [iprevResult(iprev)] : []),
    ...(spf && source ? [spfResult(spf, source)] : []),
    ...dkimResults(dkim),
    ...(arc.status === 'none' ? [] : [arcResult(arc, source)]),
    dmarcResult(dmarc),
  ];
  return { authservId, results };
}

import type { DaneLookup } from '@mox/dane';
import type { MtaStsMode, MtaStsPolicy } from '@mox/mtasts';
import { describe, expect, it } from 'vitest';
import { decideHostPolicy, type HostEvidence, judgeSession, type SessionFacts } from './host-policy.ts';

const host = 'mx.example.org';

function sts(mode: MtaStsMode, mx: string = host): MtaStsPolicy {
  return { mode, mx: mode === 'none' ? [] : [mx], maxAgeSeconds: 86_400, extensions: [] };
}

interface Given {
  readonly dane?: DaneLookup['status'];
  readonly secure?: boolean;
  readonly sts?: MtaStsPolicy;
  readonly requireTls?: boolean;
  readonly no?: boolean;
  readonly by?: HostEvidence['by'];
  readonly stsCertain?: boolean;
}

function evidence({
  dane = 'none',
  secure = true,
  no = false,
  requireTls = false,
  by = 'mx',
  stsCertain = true,
  ...rest
}: Given): HostEvidence {
  const lookup = { status: dane, nextHopSecure: secure };
  return { host, by, secure, requireTls, tlsNotRequired: no, stsCertain, dane: lookup, ...(rest.sts ? { sts: rest.sts } : {}) };
}

/** A session: no STARTTLS; a handshake that failed; TLS with a certificate that nothing, PKIX, DANE or both prove. */
const sessions: Readonly<Record<string, SessionFacts>> = {
  clear: { host, tls: false, tlsOffered: false, pkix: { valid: false }, requireTlsOffered: true },
  broken: { host, tls: false, tlsOffered: true, tlsProblem: 'TLS: alert', pkix: { valid: false }, requireTlsOffered: true },
  any: { host, tls: true, tlsOffered: true, pkix: { valid: false }, dane: { status: 'failed' }, requireTlsOffered: true },
  pkix: { host, tls: true, tlsOffered: true, pkix: { valid: true }, dane: { status: 'failed' }, requireTlsOffered: true },
  dane: { host, tls: true, tlsOffered: true, pkix: { valid: false }, dane: { status: 'authenticated' }, requireTlsOffered: true },
  both: { host, tls: true, tlsOffered: true, pkix: { valid: true }, dane: { status: 'authenticated' }, requireTlsOffered: true },
};

/** What comes of each session in turn: `ok`, or the code of the refusal; one word where the host is not connected to. */
function outcome(given: Given): string {
  const policy = decideHostPolicy(evidence(given));
  if (policy.refusal) return `skip ${policy.refusal.code}`;
  return Object.values(sessions)
    .map((facts) => judgeSession(policy, facts, given.sts).refusal?.code ?? 'ok')
    .join(' ');
}

const open = 'ok ok ok ok ok ok';

// In the order of `sessions`: clear, broken, any, pkix, dane, both.
const cells: readonly (readonly [string, Given, string])[] = [
  ['RFC 7672 §2.2: no TLSA, no MTA-STS: opportunistic', {}, open],
  ['RFC 7672 §2.2: usable TLSA', { dane: 'usable' }, '4.7.4 4.7.5 4.7.5 4.7.5 ok ok'],
  ['RFC 7672 §2.2: unusable TLSA: TLS, any certificate', { dane: 'unusable' }, '4.7.4 4.7.5 ok ok ok ok'],
  ['RFC 7672 §2.1.2: a failed look-up', { dane: 'error' }, 'skip 4.7.5'],
  ['RFC 7672 §2.1.2: a failed look-up, MTA-STS met', { dane: 'error', sts: sts('enforce') }, 'skip 4.7.5'],
  ['RFC 7672 §2.2.1: usable TLSA, MX not secure', { dane: 'usable', secure: false }, '4.7.4 4.7.5 4.7.5 4.7.5 ok ok'],
  ['RFC 8461 §5: enforce', { sts: sts('enforce') }, '4.7.4 4.7.5 4.7.5 ok 4.7.5 ok'],
  ['RFC 8461 §5: enforce, another host', { sts: sts('enforce', 'mx.other.example') }, 'skip 4.7.5'],
  ['RFC 8461 §4.1: a pattern', { sts: sts('enforce', '*.example.org') }, '4.7.4 4.7.5 4.7.5 ok 4.7.5 ok'],
  ['RFC 8461 §5: testing', { sts: sts('testing') }, open],
  ['RFC 8461 §5: testing, another host', { sts: sts('testing', 'mx.other.example') }, open],
  ['RFC 8461 §5: none', { sts: sts('none') }, open],
  ['RFC 8461 §2: DANE on a secure way goes first', { dane: 'usable', sts: sts('enforce') }, '4.7.4 4.7.5 4.7.5 4.7.5 ok ok'],
  [
    'RFC 8461 §2: and for hosts that MTA-STS does not have',
    { dane: 'usable', sts: sts('enforce', 'x.example') },
    '4.7.4 4.7.5 4.7.5 4.7.5 ok ok',
  ],
  ['RFC 8461 §2: MX not secure: both count', { dane: 'usable', secure: false, sts: sts('enforce') }, '4.7.4 4.7.5 4.7.5 4.7.5 4.7.5 ok'],
  [
    'RFC 8461 §4.1: MX not secure: a host of somebody else, with TLSA',
    { dane: 'usable', secure: false, sts: sts('enforce', 'x.example') },
    'skip 4.7.5',
  ],
  ['RFC 8461 §2: unusable TLSA do not excuse MTA-STS', { dane: 'unusable', sts: sts('enforce') }, '4.7.4 4.7.5 4.7.5 ok 4.7.5 ok'],
  ['RFC 8689 §4.2.1: secure MX', { requireTls: true }, '5.7.10 5.7.10 5.7.10 ok ok ok'],
  ['RFC 8689 §4.2.1: MX not secure, no MTA-STS', { requireTls: true, secure: false }, 'skip 5.7.10'],
  ['RFC 8689 §4.2.1: the same, MTA-STS could not be had', { requireTls: true, secure: false, stsCertain: false }, 'skip 4.7.10'],
  ['RFC 8689 §4.2.1: MX not secure, MTA-STS', { requireTls: true, secure: false, sts: sts('enforce') }, '5.7.10 5.7.10 5.7.10 ok 4.7.5 ok'],
  [
    'RFC 8689 §4.2.1: MX not secure, MTA-STS testing has it',
    { requireTls: true, secure: false, sts: sts('testing') },
    '5.7.10 5.7.10 5.7.10 ok ok ok',
  ],
  [
    'RFC 8689 §4.2.1: MX not secure, MTA-STS testing has it not',
    { requireTls: true, secure: false, sts: sts('testing', 'x.example') },
    'skip 5.7.10',
  ],
  ['RFC 8689 §4.2.1: MX not secure, MTA-STS of mode none', { requireTls: true, secure: false, sts: sts('none') }, 'skip 5.7.10'],
  ['RFC 8689 §4.2.1: usable TLSA', { requireTls: true, dane: 'usable' }, '5.7.10 5.7.10 5.7.10 4.7.5 ok ok'],
  [
    'RFC 8689 §4.2.1: no MX record, the domain itself',
    { requireTls: true, secure: false, by: 'implicit' },
    '5.7.10 5.7.10 5.7.10 ok ok ok',
  ],
  ['RFC 8689 §4.2.2: TLS-Required: No, usable TLSA', { no: true, dane: 'usable' }, open],
  ['RFC 8689 §4.2.2: TLS-Required: No, enforce', { no: true, sts: sts('enforce') }, open],
  ['RFC 8689 §4.2.2: TLS-Required: No, enforce, another host', { no: true, sts: sts('enforce', 'x.example') }, open],
  ['RFC 8689 §4.2.2: TLS-Required: No, a failed look-up', { no: true, dane: 'error' }, open],
  ['RFC 8689 §4.1: REQUIRETLS goes before TLS-Required: No', { no: true, requireTls: true, dane: 'error' }, 'skip 4.7.5'],
];

describe('the policy for a host', () => {
  it.each(cells)('%s', (_name, given, expected) => expect(outcome(given)).toBe(expected));

  it('RFC 8689 §4.2.1: a server that does not promise it is refused, whatever its certificate', () => {
    const facts = { ...(sessions['both'] as SessionFacts), requireTlsOffered: false };
    const judged = judgeSession(decideHostPolicy(evidence({ requireTls: true, dane: 'usable' })), facts);
    expect(judged.refusal).toMatchObject({ code: '5.7.30', policy: 'requiretls' });
  });

  it('TLS is required exactly where a demand is enforced', () => {
    for (const [, given] of cells) {
      const policy = decideHostPolicy(evidence(given));
      const refusesClear = judgeSession(policy, sessions['clear'] as SessionFacts, given.sts).refusal !== undefined;
      expect(policy.tlsRequired).toBe(refusesClear);
    }
  });
});

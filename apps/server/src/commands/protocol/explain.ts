import type { ArcResult } from '@mox/arc';
import type { DkimResult } from '@mox/dkim';
import type { DmarcResult } from '@mox/dmarc';
import type { IprevResult } from '@mox/iprev';
import type { CheckSpfResult } from '@mox/spf';

// What verdicts mean, and what to change, for an operator who has no RFC at hand. What was checked is told by the trace.

const later = 'The DNS gave no answer that could be used. This says nothing of the sender: try again later, or another --resolver.';

function asProblem(problem: string | undefined): string {
  return problem === undefined ? '' : `: ${problem}`;
}

/** What the names of the client's address mean. */
export function explainIprev({ status, ip, name, problem }: IprevResult): string {
  const mend = 'Many receivers distrust such a client: whoever runs it should have its PTR record name a host whose address it is.';
  const meanings: Readonly<Record<IprevResult['status'], string>> = {
    pass: `${ip} is ${name ?? 'a host with a name'}, and that name has this address.`,
    fail: `No name of ${ip} leads back to it${asProblem(problem)}. ${mend}`,
    permerror: `${ip} has no name${asProblem(problem)}. ${mend}`,
    temperror: later,
  };
  return meanings[status];
}

/** What a result of SPF means for the address that was checked. */
export function explainSpf(result: CheckSpfResult, ip: string): string {
  const { domain, recordDomain, mechanism, problem } = result;
  const family = ip.includes(':') ? 'ip6' : 'ip4';
  const mend = `If it should, put ${family}:${ip}, or the "include:" of the provider, into the record of ${recordDomain} before "${mechanism ?? 'all'}".`;
  const by = mechanism === undefined ? 'no mechanism of its record matches' : `"${mechanism}" in the record of ${recordDomain} matches`;
  const meanings: Readonly<Record<CheckSpfResult['status'], string>> = {
    pass: `${ip} may send mail for ${domain}: ${by}.`,
    fail: `${ip} must not send mail for ${domain}: ${by}. ${mend}`,
    softfail: `${ip} probably must not send mail for ${domain}, whose owner is still trying out: ${by}. ${mend}`,
    neutral: `${domain} does not say whether ${ip} may send its mail: ${by}. ${mend}`,
    none: `${domain || 'The sender'} says nothing of who may send its mail${asProblem(problem)}. To say it, publish a TXT record there, e.g. "v=spf1 mx ${family}:${ip} -all".`,
    permerror: `The SPF record of ${domain} cannot be used${asProblem(problem)}. Its owner must mend it; until then SPF protects nobody.`,
    temperror: later,
  };
  return meanings[result.status];
}

const failures: Readonly<Record<string, string>> = {
  'body hash did not verify':
    'The body is not the one that was signed: something on the way changed it (a footer of a mailing list, a virus scanner), or this file is not the message as it was received.',
  'signature did not verify':
    'The header fields that the signature covers were changed on the way, or the key in the DNS is not the one that signed.',
  'the body is shorter than what was signed': 'A part of the body is missing: the message was cut off on the way, or in this file.',
};

/** What a result of one DKIM signature means. */
export function explainDkim(result: DkimResult): string {
  const { status, problem, signature, unsignedBytes } = result;
  const who = signature ? `${signature.domain} (selector ${signature.selector})` : 'a signature that cannot be read';
  const look = signature ? ` See the key: mox dkim lookup ${signature.selector} ${signature.domain}` : '';
  const meanings: Readonly<Record<DkimResult['status'], string>> = {
    pass: `${who}: the message is as it was when it was signed${unsignedBytes > 0 ? `, but for ${unsignedBytes} bytes at its end that nobody signed: anyone may have added them` : ''}.`,
    fail: `${who}: ${failures[problem ?? ''] ?? `the signature does not fit${asProblem(problem)}.`}${look}`,
    permerror: `${who}: the signature cannot be verified${asProblem(problem)}. The signer must mend that.${look}`,
    neutral: `${who}: the signature cannot be understood${asProblem(problem)}. It counts as none.`,
    policy: `${who}: the signature is not accepted${asProblem(problem)}.`,
    temperror: `${who}: ${later}`,
  };
  return meanings[status];
}

/** What it means that there is no signature. */
export const unsigned =
  'The message is not signed. The sender can sign it with a key of its domain: mox dkim gen SELECTOR DOMAIN makes one, mox dkim sign tries it.';

/** What a result of ARC means. */
export function explainArc(result: ArcResult): string {
  const last = result.sets.at(-1)?.seal.domain;
  const meanings: Readonly<Record<ArcResult['status'], string>> = {
    none: 'No forwarder left an ARC chain: nothing is known of what it found when the message passed.',
    pass: `The chain of ${result.sets.length} set${result.sets.length === 1 ? '' : 's'} is whole, the last by ${last ?? '(nobody)'}. What its first set reports may be believed as far as all who sealed are trusted.`,
    fail: `The chain is broken${asProblem(result.problem)}. What it reports is not to be believed; the message counts as one without ARC.`,
  };
  return meanings[result.status];
}

/** What a result of DMARC means. */
export function explainDmarc(result: DmarcResult): string {
  const { authorDomain = '(no author)', policy, problem } = result;
  const passed = [...(result.spf ? [result.spf] : []), ...result.dkim].filter(({ status, aligned }) => status === 'pass' && aligned);
  const by = passed.map(({ method, domain }) => `${method.toUpperCase()} of ${domain}`).join(' and ');
  const wish = { none: 'to deliver it all the same', quarantine: 'to treat it as suspicious', reject: 'to reject it' }[result.disposition];
  const meanings: Readonly<Record<DmarcResult['status'], string>> = {
    pass: `The message is from ${authorDomain}, as its From field says. What bears it out: ${by}.`,
    fail: `Nothing bears out that the message is from ${authorDomain}: neither SPF nor DKIM passed for a domain that belongs to it. The policy of ${policy?.domain ?? 'the owner'} asks ${wish}. A true sender signs with DKIM for d=${authorDomain}, or sends with a reverse-path there that SPF allows.`,
    none: `DMARC has nothing to say${asProblem(problem)}. The owner of ${authorDomain} can ask for protection by a TXT record at _dmarc.${authorDomain}, e.g. "v=DMARC1; p=none; rua=mailto:dmarc@${authorDomain}".`,
    permerror: `The From field or the policy cannot be used${asProblem(problem)}. Nothing bears out who wrote the message.`,
    temperror: later,
  };
  return meanings[result.status];
}

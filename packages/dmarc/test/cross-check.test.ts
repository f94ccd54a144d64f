// Thousands of generated zones and messages: what mailauth makes of them, and what we do.
import { ZoneResolver } from '@mox/dns/testing';
import { dmarc as mailauthDmarc } from 'mailauth/lib/dmarc/index.js';
import { expect, it } from 'vitest';
import { randomNumbers } from '../../../tools/fuzz.ts';
import { checkDmarc, type DmarcInput, type DmarcResult } from '../src/index.ts';

interface Job {
  /** TXT records by name, and names that merely exist. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
  readonly hosts: ReadonlySet<string>;
  readonly failing: ReadonlySet<string>;
  readonly input: DmarcInput;
}

const domains = [
  ...['example', 'bank.example', 'giant.bank.example', 'mail.giant.bank.example', 'a.mail.giant.bank.example', 'mega.bank.example'],
  ...['a.b.c.d.e.f.giant.bank.example', 'x.y.z.a.b.c.d.e.f.giant.bank.example', 'other.test', 'www.other.test', 'test'],
];

/** One random zone and message; records are mostly valid and sometimes not. */
function makeJob(random: () => number): Job {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const chance = (part: number): boolean => random() < part;
  const policy = (): string => pick(['none', 'quarantine', 'reject', 'reject', chance(0.1) ? 'bogus' : 'none']);
  const makeRecord = (): string => {
    const tags = [
      ...(chance(0.93) ? [`p=${policy()}`] : []),
      ...(chance(0.3) ? [`sp=${policy()}`] : []),
      ...(chance(0.3) ? [`np=${policy()}`] : []),
      ...(chance(0.3) ? [`psd=${pick(['y', 'n', 'u', 'x'])}`] : []),
      ...(chance(0.2) ? [`t=${pick(['y', 'n', 'yes'])}`] : []),
      ...(chance(0.2) ? [`adkim=${pick(['r', 's', 'S', 'x'])}`] : []),
      ...(chance(0.2) ? [`aspf=${pick(['r', 's'])}`] : []),
      ...(chance(0.3) ? [`rua=${pick(['mailto:a@example.com', 'nonsense', 'mailto:a@example.com!10m,mailto:b@example.com'])}`] : []),
      ...(chance(0.05) ? ['p=none'] : []),
      ...(chance(0.1) ? [pick(['junk', 'foo=bar', '', 'pct=50'])] : []),
    ];
    return [pick(['v=DMARC1', 'v=DMARC1', 'v=DMARC1', 'v = DMARC1 ', chance(0.3) ? 'v=dmarc1' : 'v=DMARC1']), ...tags].join(
      chance(0.5) ? '; ' : ';',
    );
  };
  const texts = new Map<string, string[]>();
  for (const domain of domains) {
    if (!chance(0.35)) continue;
    texts.set(`_dmarc.${domain}`, [makeRecord(), ...(chance(0.06) ? [makeRecord()] : []), ...(chance(0.1) ? ['v=spf1 -all'] : [])]);
  }
  const status = (): string => pick(['pass', 'pass', 'fail', 'none']);
  return {
    texts,
    hosts: new Set(domains.filter(() => chance(0.5))),
    failing: new Set(
      domains.flatMap((domain) => [...(chance(0.02) ? [`_dmarc.${domain} TXT`] : []), ...(chance(0.02) ? [`${domain} A`] : [])]),
    ),
    input: {
      fromDomains: [pick(domains), ...(chance(0.03) ? [pick(domains)] : [])],
      ...(chance(0.7) && { spf: { domain: pick(domains), status: status() } }),
      dkim: Array.from({ length: Math.floor(random() * 3) }, () => ({ domain: pick(domains), status: status() })),
      severalAuthors: 'none',
    },
  };
}

function resolverOf({ texts, hosts, failing }: Job): ZoneResolver {
  const lines = [
    ...[...texts].flatMap(([name, values]) => values.map((value) => `${name}. TXT ${JSON.stringify(value)}`)),
    ...[...hosts].map((name) => `${name}. A 192.0.2.1`),
  ];
  return new ZoneResolver(lines.join('\n'), { failures: Object.fromEntries([...failing].map((name) => [name, 'servfail' as const])) });
}

async function theirs(job: Job): Promise<{ readonly status: string; readonly policy: string; readonly domain: string | undefined }> {
  const zone = resolverOf(job);
  const resolver = async (name: string, type: string): Promise<unknown> => {
    const answer = await zone.query(name, type as 'TXT');
    if (answer.status === 'ok')
      return answer.records.map((record) => (type === 'TXT' ? [new TextDecoder('latin1').decode(record.data[0])] : record.data));
    const codes: Record<string, string> = { nxdomain: 'ENOTFOUND', nodata: 'ENODATA', 'malformed-name': 'EBADNAME' };
    throw Object.assign(new Error(answer.status), { code: codes[answer.status] ?? 'ESERVFAIL' });
  };
  const { spf, dkim, fromDomains } = job.input;
  const result = (await mailauthDmarc({
    headerFrom: fromDomains.map((domain) => `x@${domain}`),
    spfDomains: spf?.status === 'pass' ? [{ domain: spf.domain }] : [],
    dkimDomains: dkim.filter((signature) => signature.status === 'pass').map(({ domain }) => ({ id: domain, domain })),
    resolver,
    strict: true,
  } as never)) as unknown as false | { status: { result: string }; policy?: string; policyDomain?: string };
  if (!result) return { status: 'none', policy: 'none', domain: undefined };
  const status = result.status.result;
  return { status, policy: status === 'fail' ? (result.policy ?? 'none') : 'none', domain: result.policyDomain };
}

/** A way in which mailauth leaves the RFC, or may choose otherwise, with the reason. A difference that none explains fails the test. */
interface Difference {
  readonly why: string;
  readonly fits: (result: DmarcResult, their: { readonly status: string }, job: Job) => boolean;
}

const differences: readonly Difference[] = [
  {
    why: 'RFC 9989 §9.2: a record that is improperly formatted is a permerror; mailauth says none. Either way no policy is applied (§4.10.1)',
    fits: (result, their) => result.status === 'permerror' && their.status === 'none',
  },
];

it('2000 zones and messages, as mailauth', async () => {
  const random = randomNumbers(9989);
  const seen: Record<string, number> = {};
  const unexplained: string[] = [];
  for (let i = 0; i < 2000; i++) {
    const job = makeJob(random);
    const result = await checkDmarc(job.input, { resolver: resolverOf(job) });
    const their = await theirs(job);
    seen[result.status] = (seen[result.status] ?? 0) + 1;
    const same =
      result.status === their.status &&
      result.disposition === their.policy &&
      (result.policy?.domain === their.domain || result.status === 'none');
    if (same || differences.some((difference) => difference.fits(result, their, job))) continue;
    unexplained.push(
      JSON.stringify({
        ours: [result.status, result.disposition, result.policy?.domain, result.problem],
        their,
        input: job.input,
        texts: [...job.texts],
        hosts: [...job.hosts],
        failing: [...job.failing],
      }),
    );
  }
  expect(unexplained.length, unexplained.slice(0, 4).join('\n\n')).toBe(0);
  for (const status of ['pass', 'fail', 'none', 'temperror', 'permerror']) expect(seen[status], status).toBeGreaterThan(20);
}, 60_000);

// What Perl's Mail::DMARC makes of generated policies and messages, as RFC 7489 had them, and of aggregate reports.
import { join } from 'node:path';
import { type ZoneRecord, ZoneResolver } from '@mox/dns/testing';
import { type Domain, parseDomain } from '@mox/idna';
import { fromLatin1 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../tools/fuzz.ts';
import { isInstalled, type Peer, runPeer } from '../../../tools/peer.ts';
import {
  type AggregateRecord,
  type AggregateReport,
  checkDmarc,
  type DmarcResult,
  formatAggregateReport,
  parseAggregateReport,
  verifyReportDestinations,
} from '../src/index.ts';

const mailDmarc: Peer = {
  name: "Perl's Mail::DMARC",
  command: 'perl',
  args: [join(import.meta.dirname, 'mail-dmarc.pl')],
  probe: ['-MMail::DMARC::PurePerl', '-e', '1'],
  encoding: 'latin1',
};

function askMailDmarc<T>(jobs: readonly object[]): T[] {
  return runPeer(mailDmarc, jobs);
}

const available = isInstalled(mailDmarc);
if (!available && process.env['CI']) it('has Mail::DMARC', () => expect.fail('install libmail-dmarc-perl'));

/** The public suffix list of both sides. */
const suffixes: ReadonlySet<string> = new Set(['com', 'test', 'example', 'co.test']);

function organizationalDomain(domain: Domain): Domain | undefined {
  const labels = domain.ascii.split('.');
  const isSuffix = (count: number): boolean => {
    const name = labels.slice(-count).join('.');
    return suffixes.has(name) || (count === 3 && name.endsWith('.wild.test'));
  };
  const longest = [3, 2, 1].find((count) => labels.length >= count && isSuffix(count)) ?? 0;
  const found = labels.length > longest ? parseDomain(labels.slice(-longest - 1).join('.')) : undefined;
  return found?.ok ? found.value : undefined;
}

interface Job {
  readonly do: 'evaluate';
  readonly texts: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly from: string;
  readonly spf?: { readonly domain: string; readonly result: string };
  readonly dkim: readonly { readonly domain: string; readonly result: string }[];
  readonly sample: number;
}

interface Theirs {
  readonly error?: string;
  readonly result: string;
  readonly disposition: string;
  readonly domain: string | null;
  readonly spf: string;
  readonly dkim: string;
  readonly reasons: readonly string[];
}

const domains = [
  ...[
    'a.example',
    'mail.a.example',
    'deep.mail.a.example',
    'b.example',
    'example',
    'shop.co.test',
    'www.shop.co.test',
    'co.test',
    'other.test',
  ],
  ...['x.any.wild.test', 'y.x.any.wild.test', 'xn--bcher-kva.example'],
];

function makeJob(random: () => number): Job {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const chance = (part: number): boolean => random() < part;
  const policy = (): string =>
    chance(0.93) ? pick(['none', 'quarantine', 'reject', 'reject']) : pick(['Reject', 'NONE', 'bogus', '', 'rejectt']);
  const uris = (): string =>
    pick([
      'mailto:d@a.example',
      'mailto:d@a.example!10m',
      'mailto:d@a.example,mailto:e@mail.a.example!5k',
      'nonsense',
      'https://a.example/r',
      '',
    ]);
  const tag = (name: string, value: string): string =>
    `${chance(0.05) ? name.toUpperCase() : name}${chance(0.1) ? pick([' = ', '= ', '\t=']) : '='}${value}`;
  const makeRecord = (): string => {
    const tags = [
      ...(chance(0.93) ? [tag('p', policy())] : []),
      ...(chance(0.35) ? [tag('sp', policy())] : []),
      ...(chance(0.3) ? [tag('pct', pick(['0', '1', '50', '99', '100', chance(0.3) ? pick(['101', 'x', '-1', '5.5']) : '30']))] : []),
      ...(chance(0.3) ? [tag('adkim', pick(['r', 's', 's', 'S', chance(0.3) ? 'x' : 'r']))] : []),
      ...(chance(0.3) ? [tag('aspf', pick(['r', 's', 's', 'R', chance(0.3) ? 'strict' : 'r']))] : []),
      ...(chance(0.3) ? [tag('rua', uris())] : []),
      ...(chance(0.1) ? [tag('ruf', uris())] : []),
      ...(chance(0.1) ? [tag('fo', pick(['0', '1', 'd:s', '1:d:s', 'x']))] : []),
      ...(chance(0.1) ? [tag('ri', pick(['3600', '0', 'x']))] : []),
      ...(chance(0.05) ? [tag('rf', 'afrf')] : []),
      ...(chance(0.1) ? [pick(['junk', 'foo=bar', '', ' ', 'p=none', 'x_y=1'])] : []),
    ];
    if (chance(0.1)) tags.reverse();
    const version = chance(0.93)
      ? 'v=DMARC1'
      : pick(['v=dmarc1', 'v=DMARC2', 'v=DMARC10', ' v=DMARC1', 'V=DMARC1', 'v = DMARC1', 'DMARC1']);
    return [version, ...tags].join(pick([';', '; ', '; ', ' ; '])) + (chance(0.3) ? ';' : '');
  };
  const strings = (text: string): string[] => {
    // Mail::DMARC looks for the version in the first string.
    const at = chance(0.15) ? 9 + Math.floor(random() * text.length) : text.length;
    return at >= text.length ? [text] : [text.slice(0, at), text.slice(at)];
  };
  const texts: Record<string, string[][]> = {};
  for (const domain of domains) {
    if (!chance(0.4)) continue;
    texts[`_dmarc.${domain}`] = [
      strings(makeRecord()),
      ...(chance(0.04) ? [strings(makeRecord())] : []),
      ...(chance(0.1) ? [['v=spf1 -all']] : []),
    ];
  }
  const result = (): string => pick(['pass', 'pass', 'fail', 'neutral']);
  return {
    do: 'evaluate',
    texts,
    from: pick(domains),
    ...(chance(0.7) && { spf: { domain: pick(domains), result: result() } }),
    dkim: Array.from({ length: Math.floor(random() * 3) }, () => ({ domain: pick(domains), result: result() })),
    sample: Math.floor(random() * 100),
  };
}

function evaluate(job: Job): Promise<DmarcResult> {
  const records = Object.entries(job.texts).flatMap(([name, texts]) =>
    texts.map((strings): ZoneRecord => ({ name, ttlSeconds: 60, type: 'TXT', data: strings.map(fromLatin1) })),
  );
  return checkDmarc(
    {
      fromDomains: [job.from],
      ...(job.spf && { spf: { domain: job.spf.domain, status: job.spf.result } }),
      dkim: job.dkim.map(({ domain, result }) => ({ domain, status: result })),
      sample: job.sample,
    },
    { resolver: new ZoneResolver(records), organizationalDomain },
  );
}

/** A way in which Mail::DMARC leaves the RFC, or may choose otherwise, with the reason. A difference that none explains fails the test. */
interface Difference {
  readonly why: string;
  readonly fits: (pair: { readonly ours: DmarcResult; readonly theirs: Theirs; readonly texts: string }) => boolean;
}

const differences: readonly Difference[] = [
  {
    why: 'RFC 7489 §6.4: the version is DMARC1, in upper case; Mail::DMARC takes all that begins so in any case',
    fits: ({ texts }) => /^v=dmarc1|^v=DMARC10/m.test(texts),
  },
  {
    why: 'RFC 7489 §6.4: spaces may stand around the "="; we let them stand in front of the "v" too; Mail::DMARC neither',
    fits: ({ texts }) => /^ v=|^v = /m.test(texts),
  },
  {
    why: 'RFC 6376 §3.2: a tag twice makes a record invalid; of Mail::DMARC the last holds',
    fits: ({ ours }) => ours.problem?.endsWith(' a second time') === true,
  },
  {
    why: `RFC 7489 §6.6.3: several records, and one without a valid policy that wants no reports, mean that DMARC is not applied;
      Mail::DMARC gives "fail" where it has not compared anything`,
    fits: ({ ours, theirs }) => (ours.status === 'none' || ours.status === 'permerror') && theirs.result === 'fail' && theirs.spf === '',
  },
  {
    why: 'RFC 7489 §6.6.3: a record with an invalid policy that wants reports is one of p=none; Mail::DMARC refuses it',
    fits: ({ ours, theirs }) => ours.policy?.policies.p === 'none' && theirs.result === 'fail' && theirs.spf === '',
  },
  {
    why: 'RFC 7489 §6.6.3: an sp without a value is none that is valid; Mail::DMARC passes over the tag',
    fits: ({ ours, theirs, texts }) =>
      /\bsp\s*=\s*(?:;|$)/im.test(texts) && (ours.status === 'permerror' || ours.disposition === 'none') && theirs.error === undefined,
  },
  {
    why: 'RFC 7489 §6.6.3: without a valid p, a record that wants reports is one of p=none; Mail::DMARC lets sp hold',
    fits: ({ ours }) => ours.policy !== undefined && ours.policy.record.p === undefined && ours.policy.policies.sp === undefined,
  },
  {
    why: 'RFC 7489 §6.6.4: one level below reject is quarantine; Mail::DMARC minds the case of the word',
    fits: ({ ours, theirs, texts }) => ours.override === 'sampled_out' && theirs.disposition === 'none' && /Reject/.test(texts),
  },
  {
    why: 'RFC 7489 §6.3: pct is a whole number from 0 to 100; another is passed over, Mail::DMARC compares it',
    fits: ({ texts }) => /\bpct\s*=\s*(?:5\.5|-1|x|101)/i.test(texts),
  },
];

function textsFor(job: Job): string {
  const names = Object.keys(job.texts).filter((name) => job.from === name.slice(7) || job.from.endsWith(`.${name.slice(7)}`));
  return names
    .flatMap((name) => job.texts[name] ?? [])
    .map((strings) => strings.join(''))
    .join('\n');
}

function agrees(ours: DmarcResult, theirs: Theirs): boolean {
  if (ours.status !== theirs.result || ours.disposition !== theirs.disposition.toLowerCase()) return false;
  if (ours.status === 'none') return true;
  const spf = (ours.spf?.aligned === true) === (theirs.spf === 'pass');
  const dkim = ours.dkim.some((one) => one.aligned) === (theirs.dkim === 'pass');
  return ours.policy?.domain === theirs.domain && spf && dkim;
}

describe("cross-check with Perl's Mail::DMARC", () => {
  const count = Number(process.env['MOX_CROSS_CHECK'] ?? 1000);
  it.skipIf(!available)(
    `RFC 7489 §6.6: ${count} messages (skipped where libmail-dmarc-perl is not installed)`,
    async () => {
      const random = randomNumbers(7489);
      const jobs = Array.from({ length: count }, () => makeJob(random));
      const answers = askMailDmarc<Theirs>(jobs);
      const unexplained: string[] = [];
      const seen: Record<string, number> = {};
      for (const [i, job] of jobs.entries()) {
        const ours = await evaluate(job);
        seen[ours.status] = (seen[ours.status] ?? 0) + 1;
        const theirs = answers[i] as Theirs;
        const texts = textsFor(job);
        if ((theirs.error === undefined && agrees(ours, theirs)) || differences.some(({ fits }) => fits({ ours, theirs, texts }))) continue;
        const { status, disposition, policy, problem } = ours;
        unexplained.push(JSON.stringify({ ours: { status, disposition, domain: policy?.domain, problem }, theirs, job, texts }));
      }
      expect(unexplained.length, unexplained.slice(0, 4).join('\n\n')).toBe(0);
      for (const status of ['pass', 'fail', 'none', 'permerror']) expect(seen[status], status).toBeGreaterThan(count / 100);
    },
    120_000,
  );
});

interface TheirDestinations {
  readonly error?: string;
  readonly statuses: readonly string[];
}

describe("destinations of reports, by Perl's Mail::DMARC", () => {
  it.skipIf(!available)('RFC 7489 §7.1: 300 lists of URIs', async () => {
    const random = randomNumbers(71);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
    const hosts = [
      'a.example',
      'mail.a.example',
      'b.example',
      'other.test',
      'shop.co.test',
      'www.shop.co.test',
      'x.any.wild.test',
      'thirdparty.com',
    ];
    const consent = (): string => pick(['v=DMARC1', 'v=DMARC1;', 'v=DMARC1; p=none', 'v=DMARC1; rua=mailto:', 'v=spf1 -all', 'yes']);
    const jobs = Array.from({ length: 300 }, () => {
      const domain = pick(hosts);
      const texts = Object.fromEntries(
        hosts
          .filter(() => random() < 0.5)
          .map((host) => [`${domain}._report._dmarc.${host}`, [[consent().replace(/mailto:$/, `mailto:in@${host}`)]]]),
      );
      const uris = Array.from({ length: 1 + Math.floor(random() * 4) }, () => `mailto:d@${pick(hosts)}${pick(['', '!10m', '!5'])}`);
      return { do: 'destinations' as const, domain, texts, uris };
    });
    const answers = askMailDmarc<TheirDestinations>(jobs);
    for (const [i, { domain, texts, uris }] of jobs.entries()) {
      const records = Object.entries(texts).map(
        ([name, [strings = []]]): ZoneRecord => ({ name, ttlSeconds: 60, type: 'TXT', data: strings.map(fromLatin1) }),
      );
      const input = { policyDomain: domain, tag: 'rua' as const, uris: uris.map((uri) => ({ uri: uri.replace(/!.*/, '') })) };
      const { destinations } = await verifyReportDestinations(input, { resolver: new ZoneResolver(records), organizationalDomain });
      expect(
        destinations.map(({ status }) => status),
        JSON.stringify(jobs[i]),
      ).toEqual(answers[i]?.statuses);
    }
  });
});

const words = ['example.org', 'A & B <c> "d"', 'x', "o'hara", ']]>'];

/** A report as both can hold it: one result of DKIM and of SPF at the most, of which Mail::DMARC reads the first again and again. */
function makeReport(random: () => number): AggregateReport {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const chance = (part: number): boolean => random() < part;
  const policy = (): 'none' | 'quarantine' | 'reject' => pick(['none', 'quarantine', 'reject']);
  const record = (): AggregateRecord => ({
    sourceIp: pick(['192.0.2.1', '198.51.100.255', '2001:db8::1']),
    count: 1 + Math.floor(random() * 1000),
    disposition: policy(),
    dkim: pick(['pass', 'fail']),
    spf: pick(['pass', 'fail']),
    reasons: Array.from({ length: Math.floor(random() * 3) }, () => ({
      type: pick(['forwarded', 'sampled_out', 'trusted_forwarder', 'mailing_list', 'local_policy', 'other']),
      comment: pick(words),
    })),
    headerFrom: pick(['example.org', 'xn--bcher-kva.example']),
    envelopeFrom: pick(['example.org', 'bounces.example.net', '']),
    ...(chance(0.5) && { envelopeTo: 'example.net' }),
    dkimResults: chance(0.7)
      ? [
          {
            domain: 'example.org',
            selector: pick(['s1', '2026._x']),
            result: pick(['none', 'pass', 'fail', 'policy', 'neutral', 'temperror', 'permerror']),
            ...(chance(0.4) && { humanResult: pick(words) }),
          },
        ]
      : [],
    spfResults: [
      {
        domain: 'example.org',
        scope: pick(['mfrom', 'helo'] as const),
        result: pick(['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror']),
      },
    ],
  });
  return {
    organizationName: pick(words),
    email: 'r@example.net',
    reportId: pick(['1', 'a.b@c']),
    start: 1_700_000_000_000,
    end: 1_700_086_399_000,
    errors: [],
    ...(chance(0.5) && { extraContactInfo: pick(words) }),
    policy: {
      domain: 'example.org',
      p: policy(),
      sp: policy(),
      adkim: pick(['r', 's']),
      aspf: pick(['r', 's']),
      pct: pick([0, 50, 100]),
      fo: '0',
    },
    records: [record(), ...(chance(0.6) ? [record(), record()] : [])],
  };
}

/** A report as Mail::DMARC takes it. */
function toPerl({ policy, records, ...report }: AggregateReport): object {
  return {
    org_name: report.organizationName,
    email: report.email,
    extra_contact_info: report.extraContactInfo,
    report_id: report.reportId,
    begin: report.start / 1000,
    end: report.end / 1000,
    errors: report.errors,
    policy,
    records: records.map((record) => ({
      identifiers: { header_from: record.headerFrom, envelope_from: record.envelopeFrom, envelope_to: record.envelopeTo },
      dkim: record.dkimResults.map(({ humanResult, ...result }) => ({
        ...result,
        ...(humanResult !== undefined && { human_result: humanResult }),
      })),
      spf: record.spfResults,
      source_ip: record.sourceIp,
      count: record.count,
      evaluated: { disposition: record.disposition, dkim: record.dkim, spf: record.spf },
      reasons: record.reasons,
    })),
  };
}

interface Node {
  readonly [name: string]: Node & string;
}

/** What Mail::DMARC holds of a report that it has read. */
function fromPerl({ metadata, policy_published: policy, record }: Node): object {
  const rows = record as unknown as readonly Node[];
  const list = (value: unknown): readonly Node[] => (Array.isArray(value) ? value : []);
  const absent = (text: string | null | undefined): string | undefined => (text ? text : undefined);
  return {
    organizationName: metadata?.['org_name'],
    email: metadata?.['email'],
    extraContactInfo: absent(metadata?.['extra_contact_info']),
    reportId: metadata?.['report_id'],
    start: Number(metadata?.['date_range']?.['begin']) * 1000,
    end: Number(metadata?.['date_range']?.['end']) * 1000,
    errors: list(metadata?.['error']),
    policy: { ...(policy as object), pct: Number(policy?.['pct'] ?? 0), fo: '0' },
    records: rows.map(({ row, identifiers, auth_results: results }) => ({
      sourceIp: row?.['source_ip'],
      count: Number(row?.['count']),
      disposition: row?.['policy_evaluated']?.['disposition'],
      dkim: row?.['policy_evaluated']?.['dkim'],
      spf: row?.['policy_evaluated']?.['spf'],
      reasons: list(row?.['policy_evaluated']?.['reason']).map(({ type, comment }) => ({ type, comment })),
      headerFrom: identifiers?.['header_from'],
      envelopeFrom: identifiers?.['envelope_from'],
      envelopeTo: absent(identifiers?.['envelope_to']),
      dkimResults: list(results?.['dkim']).map(({ domain, selector, result, human_result: humanResult }) => ({
        domain,
        selector,
        result,
        humanResult: absent(humanResult),
      })),
      spfResults: list(results?.['spf']).map(({ domain, scope, result }) => ({ domain, scope, result })),
    })),
  };
}

describe("aggregate reports, with Perl's Mail::DMARC", () => {
  const random = randomNumbers(72);
  const reports = Array.from({ length: 150 }, () => makeReport(random));

  it.skipIf(!available)('RFC 7489 appendix C: what we write, it reads', () => {
    const answers = askMailDmarc<{ report: Node; error?: string }>(
      reports.map((report) => ({ do: 'read', xml: formatAggregateReport(report, 'rfc7489') })),
    );
    for (const [i, { report, error }] of answers.entries()) {
      expect(error).toBeUndefined();
      expect(fromPerl(report)).toEqual(reports[i]);
    }
  });

  it.skipIf(!available)('RFC 7489 appendix C: what it writes, we read', () => {
    const answers = askMailDmarc<{ xml: string; error?: string }>(reports.map((report) => ({ do: 'build', report: toPerl(report) })));
    for (const [i, { xml, error }] of answers.entries()) {
      expect(error).toBeUndefined();
      expect(parseAggregateReport(xml)).toEqual({ ok: true, value: { form: 'rfc7489', report: reports[i], defects: [] } });
    }
  });
});

// Thousands of generated zones and records: what python3-spf and mailauth make of them, and what we do.
import { join } from 'node:path';
import { formatRecording, parseRecording, RecordingResolver, ReplayingResolver, type ZoneRecord, ZoneResolver } from '@mox/dns/testing';
import { formatTrace, fromLatin1 } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { spf as mailauthSpf } from 'mailauth/lib/spf/index.js';
import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../tools/fuzz.ts';
import { isInstalled, type Peer, runPeer } from '../../../tools/peer.ts';
import { checkSpf, type SpfResult } from '../src/index.ts';

type Zone = Record<string, { A?: string[]; AAAA?: string[]; MX?: [number, string][]; PTR?: string[]; TXT?: string[] }>;

interface Job {
  readonly zone: Zone;
  readonly cases: readonly [ip: string, sender: string, helo: string][];
}

const hosts = ['a.example', 'b.example', 'c.example', 'mail.a.example', 'none.example', 'deep.mail.b.example'];
const ips = ['192.0.2.1', '192.0.2.9', '198.51.100.7', '2001:db8::1', '2001:db8:1::5'];
const domainSpecs = [
  ...hosts,
  '%{d}',
  '%{o}',
  '%{ir}.%{v}.x.example',
  '%{l}.a.example',
  '%{h}',
  'mail.%{d2}',
  '%{d1r}.example',
  '%{dr}.b.example',
  'x..example',
  '%{q}',
  'bad',
];

/** One random zone, with records that are mostly valid and sometimes not. */
function makeJob(random: () => number): Job {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const chance = (part: number): boolean => random() < part;
  const cidr = (): string => (chance(0.3) ? `/${Math.floor(random() * 34)}` : '') + (chance(0.15) ? `//${Math.floor(random() * 130)}` : '');
  const term = (): string => {
    const kind = pick(['all', 'include', 'a', 'mx', 'ptr', 'ip4', 'ip6', 'exists', 'junk'] as const);
    const sign = pick(['', '', '-', '~', '?', '+']);
    if (kind === 'all') return `${sign}all`;
    if (kind === 'ip4') return `${sign}ip4:${pick(ips.slice(0, 3))}${chance(0.4) ? `/${Math.floor(random() * 33)}` : ''}`;
    if (kind === 'ip6') return `${sign}ip6:${pick(ips.slice(3))}${chance(0.4) ? `/${Math.floor(random() * 129)}` : ''}`;
    if (kind === 'junk')
      return chance(0.15) ? pick(['foo', 'a:', 'ip4:1.2.3', 'mx/', 'all:x', '1=x', 'include']) : `x-${pick(['a', 'b'])}=%{d}`;
    const target = chance(kind === 'include' || kind === 'exists' ? 1 : 0.6) ? `:${pick(domainSpecs)}` : '';
    return `${sign}${kind}${target}${kind === 'a' || kind === 'mx' ? cidr() : ''}`;
  };
  const zone: Zone = {};
  for (const host of hosts.filter((name) => name !== 'none.example')) {
    const record = [
      'v=spf1',
      ...Array.from({ length: Math.floor(random() * 5) }, term),
      ...(chance(0.2) ? [`redirect=${pick(domainSpecs)}`] : []),
    ];
    zone[host] = {
      ...(chance(0.8) && { A: [pick(ips.slice(0, 3)), ...(chance(0.3) ? [pick(ips.slice(0, 3))] : [])] }),
      ...(chance(0.4) && { AAAA: [pick(ips.slice(3))] }),
      ...(chance(0.5) && { MX: [[10, pick(hosts)], ...(chance(0.4) ? [[20, pick(hosts)] as [number, string]] : [])] }),
      ...(chance(0.85) && {
        TXT: [record.join(' '), ...(chance(0.05) ? ['v=spf1 -all'] : []), ...(chance(0.2) ? ['something else'] : [])],
      }),
    };
  }
  for (const [reverse, name] of [
    ['1.2.0.192.in-addr.arpa', 'mail.a.example'],
    ['7.100.51.198.in-addr.arpa', 'b.example'],
  ] as const)
    if (chance(0.6)) zone[reverse] = { PTR: [name] };
  return { zone, cases: Array.from({ length: 3 }, () => [pick(ips), `${pick(['joe', 'a-b.c'])}@${pick(hosts)}`, pick(hosts)]) };
}

function resolverOf(zone: Zone): ZoneResolver {
  const records = Object.entries(zone).flatMap(([name, types]): ZoneRecord[] => {
    const owner = { name, ttlSeconds: 60 };
    return [
      ...(types.A ?? []).map((data) => ({ ...owner, type: 'A' as const, data })),
      ...(types.AAAA ?? []).map((data) => ({ ...owner, type: 'AAAA' as const, data })),
      ...(types.PTR ?? []).map((data) => ({ ...owner, type: 'PTR' as const, data })),
      ...(types.MX ?? []).map(([preference, exchange]) => ({ ...owner, type: 'MX' as const, data: { preference, exchange } })),
      ...(types.TXT ?? []).map((text) => ({ ...owner, type: 'TXT' as const, data: [fromLatin1(text)] })),
    ];
  });
  return new ZoneResolver(records);
}

async function ours(job: Job): Promise<SpfResult[]> {
  const resolver = resolverOf(job.zone);
  return Promise.all(job.cases.map(([ip, mailFrom, helo]) => checkSpf({ ip, mailFrom, helo, receiver: 'unknown', now: 0 }, { resolver })));
}

function jobs(count: number, seed: number): Job[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => makeJob(random));
}

const pythonSpf: Peer = {
  name: "Debian's python3-spf",
  command: '/usr/bin/python3',
  args: [join(import.meta.dirname, 'python-spf.py')],
  probe: ['-c', 'import spf'],
};

/** A way in which the others leave the RFC, with the reason. A difference that none explains fails the test. */
interface Difference {
  readonly why: string;
  readonly fits: (result: SpfResult, theirs: string, records: string) => boolean;
}

const emptyLabels: Difference = {
  why: 'RFC 7208 §4.8 leaves open what a name with an empty label gives',
  fits: (_result, _theirs, records) => records.includes('x..example'),
};

const pythonDifferences: readonly Difference[] = [
  emptyLabels,
  {
    why: 'RFC 7208 §6: unknown modifiers are ignored however often they appear; python3-spf refuses the second',
    fits: (_result, theirs, records) => theirs === 'permerror' && /(x-[ab])=.*\1=/.test(records),
  },
  {
    why: 'python3-spf refuses a record that includes its own domain before it evaluates; RFC 7208 knows only the limit on lookups',
    fits: (result, theirs, records) =>
      theirs === 'permerror' && new RegExp(`include:(\\S*%\\{|${result.recordDomain.replaceAll('.', '\\.')})`).test(records),
  },
  {
    why: `RFC 7208 §4.6.4 limits the terms whose lookups find nothing, and §5.4 ends at a host that matches; python3-spf counts lookups,
      and makes those of all hosts of an mx`,
    fits: (_result, theirs, records) => theirs === 'permerror' && /[ +~?-]mx/.test(records),
  },
];

const mailauthDifferences: readonly Difference[] = [
  emptyLabels,
  {
    why: 'RFC 7208 §4.6: a syntax error anywhere in the record is a permerror; mailauth stops reading at the mechanism that matches',
    fits: (result, theirs) => result.status === 'permerror' && theirs !== 'permerror' && /^record of .*: term /.test(result.problem ?? ''),
  },
  {
    why: 'RFC 7208 §5: addresses of the version of <ip> alone are looked up, and §4.6.4 counts what finds none; mailauth asks for both, and counts those of mx apart',
    fits: (result) => /lookups found nothing/.test(result.problem ?? ''),
  },
];

describe('cross-check with python3-spf', () => {
  const count = Number(process.env['MOX_CROSS_CHECK'] ?? 700);
  const available = isInstalled(pythonSpf);
  if (!available && process.env['CI']) it('has python3-spf', () => expect.fail('install python3-spf'));
  it.skipIf(!available)(
    `${count} zones (skipped where Debian's python3-spf is not installed)`,
    async () => {
      const all = jobs(count, 7);
      const answers = runPeer<string[]>(pythonSpf, all);
      const differences: string[] = [];
      for (const [i, job] of all.entries()) {
        const theirs = answers[i] ?? [];
        for (const [k, result] of (await ours(job)).entries()) {
          const their = theirs[k] ?? '';
          const records = Object.values(job.zone)
            .flatMap((types) => types.TXT ?? [])
            .join(' | ');
          if (result.status === their || pythonDifferences.some((difference) => difference.fits(result, their, records))) continue;
          differences.push(
            `${job.cases[k]?.join(' ')}: ours ${result.status} (${result.problem ?? result.mechanism}), theirs ${their}\n${JSON.stringify(job.zone)}`,
          );
        }
      }
      expect(differences.length, differences.slice(0, 5).join('\n\n')).toBe(0);
    },
    120_000,
  );
});

describe('cross-check with mailauth', () => {
  it('700 zones', async () => {
    const differences: string[] = [];
    for (const job of jobs(700, 11)) {
      const resolve = async (name: string, type: string): Promise<never> => {
        const types = job.zone[name.toLowerCase().replace(/\.$/, '')] as Record<string, unknown[]> | undefined;
        const found = types?.[type];
        if (!found) throw Object.assign(new Error('none'), { code: types ? 'ENODATA' : 'ENOTFOUND' });
        const answer = (records: unknown): never => records as never;
        if (type === 'TXT') return answer(found.map((text) => [text]));
        return answer(type === 'MX' ? found.map((mx) => ({ priority: (mx as unknown[])[0], exchange: (mx as unknown[])[1] })) : found);
      };
      const results = await ours(job);
      for (const [k, [ip, sender, helo]] of job.cases.entries()) {
        const their: string = (await mailauthSpf({ sender, ip, helo, resolver: resolve })).status.result;
        const result = results[k];
        const records = Object.values(job.zone)
          .flatMap((types) => types.TXT ?? [])
          .join(' | ');
        if (!result || result.status === their || mailauthDifferences.some((difference) => difference.fits(result, their, records)))
          continue;
        differences.push(
          `${ip} ${sender} ${helo}: ours ${result.status} (${result.problem ?? result.mechanism}), theirs ${their}\n${JSON.stringify(job.zone)}`,
        );
      }
    }
    expect(differences.length, differences.slice(0, 5).join('\n\n')).toBe(0);
  }, 120_000);
});

it('every result replays offline from its recording, and its trace is plain data that prints', async () => {
  for (const job of jobs(300, 5)) {
    for (const [ip, mailFrom, helo] of job.cases) {
      const recording = new RecordingResolver(resolverOf(job.zone));
      const result = await checkSpf({ ip, mailFrom, helo }, { resolver: recording });
      const replaying = new ReplayingResolver(unwrap(parseRecording(formatRecording(recording.recorded))));
      expect(await checkSpf({ ip, mailFrom, helo }, { resolver: replaying })).toEqual(result);
      expect(JSON.parse(JSON.stringify(result.trace))).toEqual(result.trace);
      expect(formatTrace(result.trace).split('\n').length).toBeGreaterThanOrEqual(result.trace.length);
    }
  }
});

// What Perl's Mail::SPF makes of generated zones: results, explanations and the questions asked of the DNS.
import { join } from 'node:path';
import type { Trace, TraceStep } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { isInstalled, type Peer, runPeer } from '../../../tools/peer.ts';
import { checkSpf, type SpfResult } from '../src/index.ts';
import { type GeneratedJob, generateJobs, resolverOf } from './generated-zones.ts';

/** Mail::SPF counts every lookup that finds nothing, and not terms (RFC 7208 §4.6.4): the limit is compared where both are the same. */
function voidLookupsOf(job: GeneratedJob): number | undefined {
  return job.kind === 'void' ? 2 : undefined;
}

type Theirs = readonly [status: string, explanation: string | null, questions: readonly string[]];

/** One check, as both made it. */
interface Pair {
  readonly job: GeneratedJob;
  readonly facts: readonly string[];
  readonly ours: SpfResult;
  /** Without those for the explanation. */
  readonly questions: readonly string[];
  readonly theirs: Theirs;
  /** All that is in TXT records that either looked at, and in the explanation. */
  readonly texts: string;
}

function steps(trace: Trace): readonly TraceStep[] {
  return trace.flatMap((step) => [step, ...steps(step.steps ?? [])]);
}

function questionsOf(trace: Trace): string[] {
  const asked = steps(trace).filter(({ step }) => !step.startsWith('modifier exp='));
  return [...new Set(asked.flatMap(({ dns }) => (dns ?? []).map(({ name, type }) => `${name.toLowerCase()} ${type}`)))];
}

function textsOf(job: GeneratedJob, questions: readonly string[]): string {
  const asked = questions.filter((text) => text.endsWith(' TXT')).map((text) => text.slice(0, -4));
  const names = new Set(asked.map((name) => job.zone[name]?.CNAME ?? name));
  return [...names].flatMap((name) => (job.zone[name]?.TXT ?? []).map((strings) => strings.join(''))).join(' | ');
}

async function compare(job: GeneratedJob, theirs: readonly Theirs[]): Promise<Pair[]> {
  const voidLookups = voidLookupsOf(job) ?? Number.POSITIVE_INFINITY;
  const pairs = job.cases.map(async (facts, i): Promise<Pair> => {
    const [ip, mailFrom, helo] = facts;
    const input = { ip, mailFrom, helo, receiver: 'mx.example', now: 1_700_000_000_000 };
    const resolver = resolverOf(job.zone);
    const ours = await checkSpf(input, { resolver, limits: { voidLookups } });
    const their = theirs[i] ?? ['missing', null, []];
    return {
      job,
      facts,
      ours,
      questions: questionsOf(ours.trace),
      theirs: their,
      texts: textsOf(job, [...resolver.questions, ...their[2]]),
    };
  });
  return Promise.all(pairs);
}

/** What differs between the two. How far a check came before a permerror is not compared. */
function findDisagreement({
  ours,
  questions,
  theirs: [status, explanation, asked],
}: Pair): 'status' | 'explanation' | 'questions' | undefined {
  if (ours.status !== status) return 'status';
  // The case of hexadecimal digits is not told, and Mail::SPF has domains in lower case.
  if ((ours.explanation ?? '').toLowerCase() !== (explanation ?? '').toLowerCase()) return 'explanation';
  if (status === 'permerror' || steps(ours.trace).some(({ step }) => step === 'domain')) return undefined;
  return questions.toSorted().join() === [...new Set(asked)].toSorted().join() ? undefined : 'questions';
}

/** A way in which Mail::SPF, made for RFC 4408, leaves RFC 7208. A difference that none explains fails the test. */
interface Difference {
  readonly why: string;
  readonly fits: (pair: Pair, disagreement: string) => boolean;
}

const differences: readonly Difference[] = [
  {
    why: 'RFC 7208 §7.1 with RFC 5234 §2.3: the "r" of a macro may be of either case; Mail::SPF knows the lower',
    fits: ({ texts }) => /%\{[a-zA-Z][0-9]*R/.test(texts),
  },
  {
    why: 'RFC 7208 §7.2 and §7.3: zero parts, and letters unknown or of explanations, are syntax errors; Mail::SPF finds them when it expands the macro',
    fits: ({ ours, texts }) => ours.status === 'permerror' && /%\{(?:[a-z]0+[r}.\-+,/_=]|[abcefgjkmnqrtuwxyz])/i.test(texts),
  },
  {
    why: 'RFC 7208 §12: a ":" stands behind the name, a domain-spec behind that, and prefix lengths at the end; Mail::SPF minds neither',
    fits: ({ ours }) => /^record of .*: term "[-+?~]?(?:a|mx|ptr|exists|include)(?::\/|\/)/i.test(ours.problem ?? ''),
  },
  {
    why: 'RFC 7208 §4.6.4: an mx with more than ten hosts is a permerror; Mail::SPF looks at the first ten',
    fits: ({ ours }) => ours.problem?.endsWith(' has more than 10 MX records') === true,
  },
  {
    why: 'RFC 7208 §5.5: where PTR records cannot be looked up there is no match; Mail::SPF makes it a temperror',
    fits: ({ job, theirs }) => theirs[0] === 'temperror' && Object.values(job.zone).some(({ fail }) => fail?.['PTR']),
  },
  {
    why: 'RFC 7208 §5: an IPv4 address is matched by ip4 and not by ip6; Mail::SPF compares all as IPv6',
    fits: ({ facts: [ip = ''], texts }) => /^[\d.]+$|^::ffff:/.test(ip) && /ip6:(?:::|\S*\/[0-2]\b)/i.test(texts),
  },
  {
    why: 'RFC 7208 §4.8 leaves open what a name with an empty or a long label gives; Mail::SPF asks for it',
    fits: ({ ours }) => steps(ours.trace).some(({ rfc }) => rfc === 'RFC 7208 §4.8'),
  },
  {
    why: 'RFC 7208 §7.3: %{p} takes the first name that is validated and as good as any; Mail::SPF validates them all',
    fits: ({ questions, theirs, texts }, disagreement) =>
      disagreement === 'questions' && /%\{p/i.test(texts) && questions.every((question) => theirs[2].includes(question)),
  },
  {
    why: "RFC 7208 §7.3: all but RFC 3986 §2.3's unreserved characters are escaped; Mail::SPF leaves more",
    fits: ({ texts }) => /%\{[SLOH]/.test(texts),
  },
  {
    why: 'RFC 7208 §7.3: a value is split where delimiters are given, and joined with dots; Mail::SPF wants a number or an "r" before them',
    fits: ({ texts }) => /%\{[a-zA-Z][^}rR0-9]+\}/.test(texts),
  },
  {
    why: 'RFC 7208 §6.2: an explanation that is no explain-string is none; Mail::SPF passes controls and other bytes on',
    fits: ({ ours, theirs, texts }, disagreement) =>
      disagreement === 'explanation' && ours.explanation === undefined && /[^\x20-\x7e]/.test(texts + (theirs[1] ?? '')),
  },
  {
    why: 'RFC 7208 §7.2 has "h" as the HELO domain, even where it is empty; Mail::SPF makes it "unknown"',
    fits: ({ facts: [, , helo] }) => helo === '',
  },
  {
    why: 'RFC 7208 §4.3: a dot at the end of the domain is not part of it; Mail::SPF leaves it in "s"',
    fits: ({ facts: [, sender = '', helo = ''], texts }) => `${sender || helo}`.endsWith('.') && /%\{s/i.test(texts),
  },
];

function describePair({ job, facts, ours, questions, theirs, texts }: Pair): string {
  const [status, explanation, asked] = theirs;
  return `${job.kind} ${facts.join(' ')}
  ours ${ours.status} (${ours.problem ?? ours.mechanism}) ${ours.explanation} asked ${questions.join(', ')}
  theirs ${status} ${explanation} asked ${asked.join(', ')}
  ${texts}`;
}

const mailSpf: Peer = {
  name: "Perl's Mail::SPF",
  command: 'perl',
  args: [join(import.meta.dirname, 'mail-spf.pl')],
  probe: ['-MMail::SPF', '-e', '1'],
  encoding: 'latin1',
};

function askMailSpf(jobs: readonly GeneratedJob[]): Theirs[][] {
  return runPeer(
    mailSpf,
    jobs.map((job) => ({ ...job, voidLookups: voidLookupsOf(job) ?? null })),
  );
}

describe("cross-check with Perl's Mail::SPF", () => {
  const count = Number(process.env['MOX_CROSS_CHECK'] ?? 300);
  const available = isInstalled(mailSpf);
  if (!available && process.env['CI']) it('has Mail::SPF', () => expect.fail('install libmail-spf-perl'));
  it.skipIf(!available)(
    `${count} zones of every kind (skipped where libmail-spf-perl is not installed)`,
    async () => {
      const jobs = generateJobs(count, 3);
      const theirs = askMailSpf(jobs);
      const unexplained: string[] = [];
      const used = new Set<string>();
      for (const [i, job] of jobs.entries()) {
        for (const pair of await compare(job, theirs[i] ?? [])) {
          const disagreement = findDisagreement(pair);
          if (disagreement === undefined) continue;
          const known = differences.find(({ fits }) => fits(pair, disagreement));
          if (known) used.add(known.why);
          else unexplained.push(`${disagreement}: ${describePair(pair)}`);
        }
      }
      expect(unexplained.length, unexplained.slice(0, 5).join('\n\n')).toBe(0);
      if (count >= 5000) expect([...used].toSorted()).toEqual(differences.map(({ why }) => why).toSorted());
    },
    300_000,
  );
});

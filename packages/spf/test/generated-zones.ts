// Random zones and checks, of more kinds than anybody publishes: what other implementations are compared by.
import type { DnsStatus } from '@mox/dns';
import { type ZoneRecord, ZoneResolver } from '@mox/dns/testing';
import { fromLatin1 } from '@mox/runtime';
import { randomNumbers } from '../../../tools/fuzz.ts';

/** Records of one name; TXT as its strings. */
interface GeneratedNode {
  A?: string[];
  AAAA?: string[];
  MX?: [preference: number, exchange: string][];
  PTR?: string[];
  TXT?: string[][];
  CNAME?: string;
  /** Types that fail. */
  fail?: Record<string, Extract<DnsStatus, 'servfail' | 'timeout'>>;
}

/** A zone, and checks to make in it. */
export interface GeneratedJob {
  readonly kind: string;
  readonly zone: Record<string, GeneratedNode>;
  readonly cases: readonly [ip: string, sender: string, helo: string][];
}

interface Dice {
  readonly below: (limit: number) => number;
  readonly chance: (part: number) => boolean;
  readonly pick: <T>(values: readonly T[]) => T;
  readonly several: <T>(most: number, make: (i: number) => T) => T[];
}

function makeDice(random: () => number): Dice {
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    below,
    chance: (part) => random() < part,
    pick: <T>(values: readonly T[]) => values[below(values.length)] as T,
    several: (most, make) => Array.from({ length: below(most + 1) }, (_, i) => make(i)),
  };
}

const hosts = ['a.example', 'b.example', 'c.example', 'mail.a.example', 'deep.mail.b.example', 'X-1_y.C.example'];
const others = ['none.example', 'nowhere.a.example', 'alias.a.example'];
const ip4s = ['192.0.2.1', '192.0.2.130', '198.51.100.7'];
const ip6s = ['2001:db8::1', '2001:db8:1::5', '2001:DB8:0:0:8000::ffff'];
const clients = [...ip4s, ...ip6s, '::ffff:192.0.2.1', '::ffff:c633:6407'];
const localparts = ['joe', 'a-b.c', 'a+b/c=d_e,f.g', 'MiXed.Case', 'x', 'strong-bad', "o'hara", 'a%b', '.', 'a..b', '-'];
const helos = [...hosts, 'single', 'h.example', '[192.0.2.1]', 'UPPER.Example', 'a.example.', ''];

function macro({ pick, chance, below }: Dice, letters = 'slodiphv'): string {
  const letter = pick([...letters]);
  const digits = chance(0.4) ? pick(['1', '1', '2', '3', '02', '9', chance(0.2) ? '0' : String(1 + below(300))]) : '';
  const delimiters = chance(0.3) ? pick(['.', '-', '+', ',', '/', '_', '=', '.-', '+-', '-=,', '/.']) : '';
  return `%{${chance(0.25) ? letter.toUpperCase() : letter}${digits}${chance(0.3) ? pick(['r', 'r', 'r', 'r', 'r', 'R']) : ''}${delimiters}}`;
}

function domainSpec(dice: Dice): string {
  const { pick, chance, several } = dice;
  if (chance(0.6)) return pick([...hosts, ...hosts, ...others]);
  if (chance(0.3)) return pick(['%{d}', '%{o}', '%{h}', '%{p}', '%{d2}', 'mail.%{d2}', '%{ir}.%{v}.x.example', '%{l}.a.example']);
  const start = several(2, () => (chance(0.7) ? macro(dice) : pick(['x', '_spf', 'a-b', '%%', '%_', '%-', '/', '=', '*', '!', ':'])));
  return [
    ...start,
    chance(0.85) ? pick(['a.example', 'example', '%{d}', 'c.example.', 'a.1a']) : pick(['x..example', 'a.123', 'a.-b', 'a.b-', 'bad', '']),
  ].join('.');
}

function prefixes({ chance, pick, below }: Dice): string {
  const ip4 = chance(0.3) ? `/${chance(0.9) ? below(33) : pick(['33', '032', ''])}` : '';
  return ip4 + (chance(0.2) ? `//${chance(0.9) ? below(129) : pick(['129', '064', ''])}` : '');
}

/** A term that is mostly valid, or would be but for a letter. */
function term(dice: Dice): string {
  const { pick, chance, below } = dice;
  const kind = pick(['all', 'include', 'a', 'a', 'mx', 'mx', 'ptr', 'ip4', 'ip6', 'exists', 'modifier', 'junk'] as const);
  const sign = pick(['', '', '-', '~', '?', '+']);
  const name = chance(0.1) ? kind.toUpperCase() : kind;
  if (kind === 'all') return chance(0.5) ? `${sign}${name}` : '';
  if (kind === 'ip4') return `${sign}${name}:${pick(ip4s)}${chance(0.5) ? `/${below(33)}` : ''}`;
  if (kind === 'ip6') return `${sign}${name}:${pick([...ip6s, '::ffff:192.0.2.1', '::'])}${chance(0.5) ? `/${below(129)}` : ''}`;
  if (kind === 'modifier') return `${pick(['x-a', 'y_b', 'z.c'])}=${chance(0.5) ? macro(dice) : pick(['', 'a=b', '/', 'x:y', '%%'])}`;
  if (kind === 'junk')
    return chance(0.85) ? '' : pick(['foo', 'a:', 'ip4:1.2.3', 'mx/', 'all:x', '1=x', 'include', 'ip4:192.0.2.01', '-exp=x.y']);
  const needed = kind === 'include' || kind === 'exists';
  const target = needed || chance(0.6) ? `:${domainSpec(dice)}` : '';
  return `${sign}${name}${target}${kind === 'a' || kind === 'mx' ? prefixes(dice) : ''}`;
}

function record(dice: Dice): string {
  const { chance, several } = dice;
  const terms = several(5, () => term(dice)).filter((text) => text !== '' || chance(0.05));
  if (chance(0.4)) terms.push('-all');
  if (chance(0.2)) terms.splice(dice.below(terms.length + 1), 0, `redirect=${domainSpec(dice)}`);
  if (chance(0.4)) terms.splice(dice.below(terms.length + 1), 0, `exp=${chance(0.7) ? 'why.a.example' : domainSpec(dice)}`);
  return [chance(0.05) ? 'V=sPf1' : 'v=spf1', ...terms].join(' ');
}

/** A text as one or more strings. */
function cut({ chance, below }: Dice, text: string): string[] {
  if (!chance(0.2)) return [text];
  const at = below(text.length + 1);
  return [text.slice(0, at), text.slice(at)];
}

function explanation(dice: Dice): string {
  const { pick, several } = dice;
  return several(4, () => pick(['see', '%_', '%%', '%-', macro(dice, 'slodiphvcrt'), macro(dice, 'slodiphvcrt'), 'http://x/', ' '])).join(
    ' ',
  );
}

function reverseOf(ip: string): string {
  const known: Record<string, string> = {
    '192.0.2.1': '1.2.0.192.in-addr.arpa',
    '192.0.2.130': '130.2.0.192.in-addr.arpa',
    '198.51.100.7': '7.100.51.198.in-addr.arpa',
    '2001:db8::1': '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  };
  return known[ip] ?? '';
}

function anyZone(dice: Dice): GeneratedJob['zone'] {
  const { pick, chance, several } = dice;
  const zone: GeneratedJob['zone'] = {};
  for (const host of hosts) {
    const node: GeneratedNode = {};
    if (chance(0.7)) node.A = [pick(ip4s), ...several(1, () => pick(ip4s))];
    if (chance(0.4)) node.AAAA = [pick(ip6s)];
    if (chance(0.5)) node.MX = several(2, (i) => [i, pick([...hosts, 'none.example', ''])]);
    if (chance(0.9)) node.TXT = [...several(1, () => ['something else', '']), cut(dice, record(dice))];
    if (chance(0.03)) node.TXT?.push(['v=spf1 -all']);
    if (chance(0.06)) node.fail = { [pick(['A', 'AAAA', 'MX', 'TXT'])]: pick(['servfail', 'timeout']) };
    zone[host.toLowerCase()] = node;
  }
  zone['why.a.example'] = { TXT: [cut(dice, explanation(dice)), ...several(1, () => ['two']).slice(0, chance(0.1) ? 1 : 0)] };
  zone['1.2.0.192.in-addr.x.example'] = { A: ['127.0.0.2'] };
  zone['joe.a.example'] = { A: ['192.0.2.1'], TXT: [['v=spf1 a ~all']] };
  if (chance(0.3)) zone['alias.a.example'] = { CNAME: pick(hosts).toLowerCase() };
  for (const ip of [...ip4s, '2001:db8::1']) {
    if (chance(0.6)) zone[reverseOf(ip)] = { PTR: [...several(2, () => pick(hosts)), pick([...hosts, 'none.example'])] };
    else if (chance(0.1)) zone[reverseOf(ip)] = { fail: { PTR: 'servfail' } };
  }
  return zone;
}

function anyCase({ pick, chance }: Dice): [string, string, string] {
  const sender = chance(0.12)
    ? ''
    : `${pick(localparts)}@${pick(chance(0.9) ? hosts : ['none.example', 'single', 'A.Example', 'a.example.'])}`;
  return [pick(clients), sender, pick(helos)];
}

/** Chains that come to the limits of RFC 7208 §4.6.4 or stay just below. */
function limitZone(dice: Dice): GeneratedJob['zone'] {
  const { pick, chance, below } = dice;
  const zone: GeneratedJob['zone'] = {};
  const length = 8 + below(5);
  const step = pick(['include', 'redirect', 'a', 'mx', 'exists', 'ptr'] as const);
  const at = (i: number): string => `n${i}.a.example`;
  if (step === 'include' || step === 'redirect') {
    zone['a.example'] = { TXT: [[`v=spf1 ${step === 'include' ? 'include:' : 'redirect='}${at(1)}`]] };
    for (let i = 1; i < length; i++) zone[at(i)] = { TXT: [[`v=spf1 ${step === 'include' ? 'include:' : 'redirect='}${at(i + 1)}`]] };
    zone[at(length)] = { TXT: [['v=spf1 ?all']] };
    return zone;
  }
  const terms = Array.from({ length }, (_, i) => (step === 'ptr' ? 'ptr:x.example' : `${step}:${at(i)}`));
  zone['a.example'] = {
    TXT: [['v=spf1', ...terms, pick(['-all', 'ip4:192.0.2.1 -all', 'redirect=b.example'])].flatMap((text) => [text, ' '])],
  };
  zone['b.example'] = { TXT: [['v=spf1 +all']] };
  for (let i = 0; i < length; i++) zone[at(i)] = { A: ['203.0.113.1'], AAAA: ['2001:db8:ffff::1'], MX: [[1, 'mx.example']] };
  zone['mx.example'] = { A: ['203.0.113.2'], AAAA: ['2001:db8:ffff::2'] };
  if (step === 'exists') for (let i = 0; i < length; i++) zone[at(i)] = { A: ['127.0.0.1'] };
  if (step === 'exists') zone['a.example'] = { TXT: [[`v=spf1 ${terms.map((text) => `?${text}`).join(' ')} -all`]] };
  if (chance(0.7)) zone[reverseOf('192.0.2.1')] = { PTR: ['c.example'] };
  return zone;
}

/** Lists of mail exchangers and names longer and shorter than the limit. */
function listZone(dice: Dice): GeneratedJob['zone'] {
  const { below, pick } = dice;
  const length = 8 + below(5);
  const found = below(length + 1);
  const names = Array.from({ length }, (_, i) => `n${i}.a.example`);
  const zone: GeneratedJob['zone'] = {
    'a.example': {
      TXT: [[`v=spf1 ${pick(['mx', 'ptr', 'exists:%{p}.b.example', '?mx ptr', 'mx/24//64'])} -all`]],
      MX: names.map((name) => [5, name]),
    },
    [reverseOf('192.0.2.1')]: { PTR: names },
  };
  for (const [i, name] of names.entries())
    zone[name] = i === found ? { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] } : { A: ['203.0.113.1'], AAAA: ['2001:db8:ffff::1'] };
  return zone;
}

/** Lookups that find nothing, around the limit on them. */
function voidZone(dice: Dice): GeneratedJob['zone'] {
  const { pick, several } = dice;
  const terms = several(4, (i) =>
    pick(['a:none', 'mx:none', 'exists:none', 'a:only6', 'mx:nodata', '?ptr:none', 'a:there']).replace(/[a-z0-9]+$/, (name) =>
      name === 'none' ? `none${i}.a.example` : `${name}.a.example`,
    ),
  );
  return {
    'a.example': { TXT: [[`v=spf1 ${terms.join(' ')} include:b.example -all`]] },
    'b.example': { TXT: [[`v=spf1 ${several(2, (i) => `a:absent${i}.example`).join(' ')} +all`]] },
    'only6.a.example': { AAAA: ['2001:db8:ffff::1'] },
    'nodata.a.example': { TXT: [['x']] },
    'there.a.example': { A: ['203.0.113.1'], AAAA: ['2001:db8:ffff::1'] },
  };
}

/** One character more, less or another: mostly invalid, and not by a rule that a generator knows. */
function mutate({ below, pick }: Dice, text: string): string {
  const at = 7 + below(Math.max(1, text.length - 6));
  const insert = pick([
    '',
    ' ',
    '%',
    '{',
    '}',
    '/',
    '//',
    ':',
    '=',
    '.',
    '-',
    '0',
    '1',
    'r',
    '\t',
    '\0',
    '\u00e9',
    'A',
    '%%',
    '%{d}',
    '*',
    '"',
  ]);
  return text.slice(0, at) + insert + text.slice(at + below(2));
}

function mutantZone(dice: Dice): GeneratedJob['zone'] {
  const zone = anyZone(dice);
  for (const node of Object.values(zone)) {
    const last = node.TXT?.at(-1);
    if (last?.length === 1 && /^v=spf1/i.test(last[0] ?? '')) last[0] = mutate(dice, last[0] ?? '');
  }
  return zone;
}

const kinds: readonly [kind: string, part: number, make: (dice: Dice) => GeneratedJob['zone']][] = [
  ['any', 0.45, anyZone],
  ['mutant', 0.25, mutantZone],
  ['limit', 0.1, limitZone],
  ['list', 0.1, listZone],
  ['void', 0.1, voidZone],
];

function makeJob(dice: Dice, random: () => number): GeneratedJob {
  let left = random();
  const [kind, , make] = kinds.find(([, part]) => (left -= part) < 0) ?? (['any', 1, anyZone] as const);
  const chosen = (): [string, string, string] => [dice.pick(clients), `${dice.pick(localparts)}@a.example`, 'h.example'];
  return {
    kind,
    zone: make(dice),
    cases: Array.from({ length: 3 }, () => (kind === 'any' || kind === 'mutant' ? anyCase(dice) : chosen())),
  };
}

/** Jobs that depend on the seed alone. */
export function generateJobs(count: number, seed: number): GeneratedJob[] {
  const random = randomNumbers(seed);
  const dice = makeDice(random);
  return Array.from({ length: count }, () => makeJob(dice, random));
}

/** A resolver for the zone of a job. */
export function resolverOf(zone: GeneratedJob['zone']): ZoneResolver {
  const failures: Record<string, 'servfail' | 'timeout'> = {};
  const records = Object.entries(zone).flatMap(([name, node]): ZoneRecord[] => {
    const owner = { name, ttlSeconds: 60 };
    for (const [type, status] of Object.entries(node.fail ?? {})) failures[`${name} ${type}`] = status;
    const lower = (text: string): string => text.toLowerCase();
    return [
      ...(node.A ?? []).map((data) => ({ ...owner, type: 'A' as const, data })),
      ...(node.AAAA ?? []).map((data) => ({ ...owner, type: 'AAAA' as const, data })),
      ...(node.PTR ?? []).map((data) => ({ ...owner, type: 'PTR' as const, data: lower(data) })),
      ...(node.MX ?? []).map(([preference, exchange]) => ({
        ...owner,
        type: 'MX' as const,
        data: { preference, exchange: lower(exchange) },
      })),
      ...(node.TXT ?? []).map((strings) => ({ ...owner, type: 'TXT' as const, data: strings.map(fromLatin1) })),
      ...(node.CNAME === undefined ? [] : [{ ...owner, type: 'CNAME' as const, data: node.CNAME }]),
    ];
  });
  return new ZoneResolver(records, { failures });
}

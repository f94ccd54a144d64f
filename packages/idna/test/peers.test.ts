// Labels and strings of all scripts beside libidn2, libidn, python3-idna and python3-precis-i18n.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Result } from '@mox/syntax';
import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../tools/fuzz.ts';
import {
  encodePunycode,
  enforcePrecis,
  isIdna2008Valid,
  nickname,
  opaqueString,
  type PrecisProfile,
  parseDomain,
  saslprep,
  usernameCaseMapped,
  usernameCasePreserved,
} from '../src/index.ts';

interface Row {
  /** Whether all characters are of the Unicode version of Python, and of Unicode 3.2, which all know. */
  readonly assigned: boolean;
  readonly old: boolean;
  readonly [what: string]: string | boolean | null;
}

const python = '/usr/bin/python3';
const loads = 'import ctypes, idna, precis_i18n; ctypes.CDLL("libidn2.so.0"); ctypes.CDLL("libidn.so.12")';
const available = spawnSync(python, ['-c', loads]).status === 0;

/** Ranges that characters are drawn from: blocks with few letters as often as those with many. */
const ranges: readonly (readonly [first: number, end: number])[] = [
  ...([
    [0x20, 0x7f],
    [0x61, 0x7b],
    [0x61, 0x7b],
    [0xa0, 0x180],
    [0x180, 0x590],
    [0x590, 0x780],
    [0x590, 0x780],
  ] as const),
  ...([
    [0x780, 0xdff],
    [0xe00, 0x1400],
    [0x1400, 0x2000],
    [0x2000, 0x2400],
    [0x2c00, 0x3100],
    [0x3040, 0x3100],
  ] as const),
  ...([
    [0x4e00, 0x4f00],
    [0xa000, 0xac00],
    [0xac00, 0xad00],
    [0xf900, 0x10000],
    [0x10000, 0x11000],
    [0x11000, 0x12000],
  ] as const),
  ...([
    [0x1d400, 0x1d800],
    [0x1e800, 0x1ef00],
    [0x1f000, 0x1f300],
    [0xe0000, 0xe0100],
    [0x30, 0x3a],
    [0x2d, 0x2e],
  ] as const),
  ...([
    [0x200c, 0x200e],
    [0xb7, 0xb8],
    [0x5f3, 0x5f5],
    [0x30fb, 0x30fc],
    [0x660, 0x66a],
    [0x6f0, 0x6fa],
  ] as const),
];

function drawTexts(count: number, seed: number): readonly string[] {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const drawRange = (): readonly [number, number] => ranges[below(ranges.length)] ?? [0x61, 0x7b];
  const drawOf = ([first, end]: readonly [number, number]): string => String.fromCodePoint(first + below(end - first));
  return Array.from({ length: count }, () => {
    const [one, length] = [below(3) === 0 ? drawRange() : undefined, 1 + below(5)];
    return Array.from({ length }, () => drawOf(one ?? drawRange())).join('');
  });
}

const profiles: Readonly<Record<string, PrecisProfile>> = {
  UsernameCaseMapped: usernameCaseMapped,
  UsernameCasePreserved: usernameCasePreserved,
  OpaqueString: opaqueString,
  // precis-i18n maps case where it enforces; RFC 8266 §2.3 does where it compares (§2.4).
  Nickname: { ...nickname, mapCase: true },
};

const valueOf = <T>(result: Result<T>): T | null => (result.ok ? result.value : null);
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);
const codes = (text: string): string => Array.from(text, (character) => character.codePointAt(0)?.toString(16)).join(' ');

/** What we make of it, by the names of the peers' answers. */
function judge(text: string): Readonly<Record<string, string | null>> {
  const domain = parseDomain(text);
  const isStrict = domain.ok && domain.value.unicode.split('.').every(isIdna2008Valid);
  const label = isIdna2008Valid(text) ? (isAscii(text) ? text : `xn--${encodePunycode(text)}`) : null;
  return {
    mapped: isStrict ? domain.value.ascii : null,
    lookup: domain.ok ? domain.value.ascii : null,
    label,
    register: label,
    stored: valueOf(saslprep(text)),
    query: valueOf(saslprep(text, { allowUnassigned: true })),
    ...Object.fromEntries(Object.entries(profiles).map(([name, profile]) => [name, valueOf(enforcePrecis(profile, text))])),
  };
}

const hasDot = /[.\u3002\uff0e\uff61]/;
/** What only later revisions of UTS 46 map or pass over. */
const revised =
  /[\u10a0-\u10c5\u04c0\u115f\u1160\u17b4\u17b5\u180e\u1e9e\u2061-\u2064\u206a-\u206f\u2132\u2183\u3164\uffa0\u{1d173}-\u{1d17a}]/u;
const oddAscii = /[\0-,/:-@[-`{-\x7f]/;
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const contextual = /[\u00b7\u0375\u05f3\u05f4\u200c\u200d\u30fb\u0660-\u0669\u06f0-\u06f9]/;

interface Explanation {
  readonly what: RegExp;
  readonly fits: (text: string, ours: string | null, theirs: unknown) => boolean;
  readonly why: string;
}

const explained: readonly Explanation[] = [
  { what: /^(?:mapped|lookup)$/, fits: (text) => revised.test(text), why: 'UTS 46 §8: the table of a later revision' },
  { what: /^(?:mapped|lookup)$/, fits: (text) => hasDot.test(text), why: 'a dot at the end needs trailingDot, and is dropped' },
  { what: /^(?:label|register)$/, fits: isAscii, why: 'of ASCII: capitals are not mapped in labels to be registered; libidn2 takes all' },
  {
    what: /^lookup$/,
    fits: (text, _, theirs) => theirs === '' || isAscii(text) || oddAscii.test(text.normalize('NFKC')),
    why: 'RFC 5890 §2.3.1: libidn2 takes characters that no host name has, or nothing, as a name',
  },
  {
    what: /^lookup$/,
    fits: (text, ours, theirs) => ours !== null && theirs === null && !text.split('.').every(isIdna2008Valid),
    why: 'RFC 5891 §5.4: what UTS 46 lets through and IDNA2008 does not, or of a later version of Unicode',
  },
  {
    what: /^(?:lookup|register)$/,
    fits: (text, ours) => ours === null && rightToLeft.test(text),
    why: 'RFC 5893 §2: libidn2 passes over the fourth rule, and marks at the end; python3-idna judges as we do',
  },
  {
    what: /^(?:User|Nickname|Opaque)/,
    fits: (text, ours) => ours === null && (!isPrepared(text) || contextual.test(text)),
    why: 'RFC 8265 §3.3.2, RFC 8266 §2.2: a string is prepared, its characters looked at, before it is mapped',
  },
];

/** Whether no character is one that is only allowed once it has been mapped: compatibility characters, titlecase letters, line ends. */
function isPrepared(text: string): boolean {
  const narrow = text.replace(/[\u3000\uff01-\uffee]/g, (character) => character.normalize('NFKC'));
  return Array.from(narrow).every(
    (character) => character.normalize('NFKC') === character && !/[\p{Lt}\p{Cc}\p{Zl}\p{Zp}]/u.test(character),
  );
}

describe.skipIf(!available && !process.env['CI'])(
  'beside libidn2, libidn, python3-idna and python3-precis-i18n (skipped where one is missing)',
  () => {
    const count = Number(process.env['MOX_CROSS_CHECK'] ?? 6000);
    it(`RFC 5891 §4.2, RFC 8264 §7, RFC 4013 §2: ${count} texts`, { timeout: 300_000 }, () => {
      const texts = drawTexts(count, 19).filter((text) => text.isWellFormed());
      const input = JSON.stringify(texts);
      const script = join(import.meta.dirname, 'python-peers.py');
      const rows: readonly Row[] = JSON.parse(execFileSync(python, [script], { input, encoding: 'utf8', maxBuffer: 1 << 29 }));
      const differences: string[] = [];
      const agreed: Record<string, number> = {};
      for (const [i, text] of texts.entries()) {
        const row = rows[i];
        if (!row?.assigned) continue;
        for (const [what, ours] of Object.entries(judge(text))) {
          const theirs = row[what];
          // libidn2 knows no later version of Unicode than 13.
          if ((what === 'lookup' || what === 'register') && !row.old) continue;
          if (ours === theirs) agreed[what] = (agreed[what] ?? 0) + (ours === null ? 0 : 1);
          else if (!explained.some((one) => one.what.test(what) && one.fits(text, ours, theirs)))
            differences.push(`${what} of ${codes(text)}: ${ours === null ? 'none' : codes(ours)}, ${codes(String(theirs))}`);
        }
      }
      expect(differences).toEqual([]);
      // They do not agree on refusals alone.
      expect(Object.keys(agreed)).toHaveLength(10);
      expect(Math.min(...Object.values(agreed))).toBeGreaterThan(count / 10);
    });
  },
);

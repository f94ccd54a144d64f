import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { parseMtaStsPolicy, parseMtaStsRecord } from '../src/index.ts';

// RFC 8461 §3.1, rule by rule, and blanks at the end, which we let through. "id" is no name of an extension: of several the first counts, and is one by the rule `sts-id`.
const extensionName = '(?!id=)[A-Za-z0-9][A-Za-z0-9_.-]{0,31}';
const extensionValue = '[\\x21-\\x3a\\x3c\\x3e-\\x7e]+';
const delimiter = '[ \\t]*;[ \\t]*';
const id = 'id=[A-Za-z0-9]{1,32}';
const extension = `${extensionName}=${extensionValue}`;
const record = new RegExp(
  `^v=STSv1(?:${delimiter}${extension})*${delimiter}${id}(?:${delimiter}(?:${extension}|id=${extensionValue}))*(?:${delimiter}|[ \\t]*)$`,
);

const recordSeeds = ['v=STSv1; id=20160831085700Z;', 'v=STSv1;id=1', 'v=STSv1 ; x.y-z_1=a:b ; id=abc ; id=2\t;\t'];

// RFC 8461 §3.2, and empty lines and a dot behind a host, which we let through. Domain is that of RFC 5321 §4.1.2; names beyond ASCII are looked at in policy.ts.
const subDomain = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const vchar = '[\\x21-\\x7e\\u0080-\\u{10ffff}]';
const field = (name: string, value: string): string => `${name}:[ \\t]*${value}`;
const lines = {
  version: new RegExp(`^${field('version', 'STSv1')}[ \\t]*$`),
  mode: new RegExp(`^${field('mode', '(testing|enforce|none)')}[ \\t]*$`),
  max_age: new RegExp(`^${field('max_age', '[0-9]{1,10}')}[ \\t]*$`),
  mx: new RegExp(`^${field('mx', `(?:\\*\\.)?(${subDomain}(?:\\.${subDomain})*)\\.?`)}[ \\t]*$`),
};
const anyField = new RegExp(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}:[ \\t]*${vchar}(?:(?:\\x20|${vchar})*${vchar})?[ \\t]*$`, 'u');

/** Whether a text is a `sts-policy-record` with the fields that are required; the first counts of those that stand once. */
function isPolicy(text: string): boolean {
  const seen = new Map<string, RegExpExecArray>();
  for (const line of text.split(/\r?\n/)) {
    if (/^[ \t]*$/.test(line)) continue;
    if (!anyField.test(line)) return false;
    const name = line.slice(0, line.indexOf(':'));
    if (!(name in lines) || (name !== 'mx' && seen.has(name))) continue;
    const match = lines[name as keyof typeof lines].exec(line);
    if (!match || (name === 'mx' && !isHost(match[1] ?? ''))) return false;
    seen.set(name, match);
  }
  return seen.has('version') && seen.has('max_age') && seen.has('mode') && (seen.has('mx') || seen.get('mode')?.[1] === 'none');
}

/** Lengths of RFC 1035 §2.3.4, which the rule `Domain` leaves to its text. */
function isHost(host: string): boolean {
  return host.length <= 253 && host.split('.').every((label) => label.length <= 63);
}

const policySeeds = [
  'version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n',
  'version:STSv1\nmode:none\nmax_age:1',
  'version: STSv1 \nmode: testing\t\nmx:a\nx-1.y_z: some thing: else\nmax_age: 9999999999\n',
];

describe('RFC 8461 §3.1, RFC 8461 §3.2: the grammar', () => {
  it('is that of records read, in 100,000 mutants of them', () => {
    let accepted = 0;
    const tokens = [';', '; ', '\t', ' ', '=', 'id=', 'x=y', 'v=STSv1', ';;', 'id=;', '-'];
    for (const mutant of mutants(recordSeeds, { count: 100_000, tokens })) {
      const text = String.fromCharCode(...mutant.subarray(0, 300));
      const { ok } = parseMtaStsRecord(text);
      if (ok !== record.test(text)) expect({ text, ok }).toEqual({ text, ok: record.test(text) });
      if (ok) accepted++;
    }
    expect(accepted).toBeGreaterThan(5000);
  });

  it('is that of policies read, in 50,000 mutants of them', () => {
    let accepted = 0;
    const tokens = ['mx: ', 'mode: ', '\r\n', '\n', ': ', ':', '*.', 'none', ' ', '\t', 'a.b', '-', 'version: STSv1\n'];
    for (const mutant of mutants(policySeeds, { count: 50_000, tokens })) {
      const text = String.fromCharCode(...mutant.subarray(0, 400).map((byte) => byte & 127));
      const { ok } = parseMtaStsPolicy(text);
      if (ok !== isPolicy(text)) expect({ text, ok }).toEqual({ text, ok: isPolicy(text) });
      if (ok) accepted++;
    }
    expect(accepted).toBeGreaterThan(2500);
  });
});

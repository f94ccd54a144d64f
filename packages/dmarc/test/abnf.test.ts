import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { parseDmarcRecord } from '../src/index.ts';

// RFC 9989 §4.8, rule by rule, and blanks in front, which we let through. Literals are case-insensitive (RFC 5234 §2.3), the version is not.
const equals = '[ \\t]*=[ \\t]*';
const request = '(?:none|quarantine|reject)';
// URI of RFC 3986 by its characters, without comma and exclamation point; its parts are looked at in record.test.ts.
const uri = "[a-z][a-z0-9+.-]*:(?:[a-z0-9._~:/?#[\\]@$&'()*+=-]|%[0-9a-f]{2})*(?:![0-9]{1,20}[kmgt]?)?";
const uriList = `${uri}(?:[ \\t]*,[ \\t]*${uri})*`;
const values: Readonly<Record<string, RegExp>> = Object.fromEntries(
  Object.entries({
    p: request,
    sp: request,
    np: request,
    t: '[yn]',
    psd: '[ynu]',
    adkim: '[rs]',
    aspf: '[rs]',
    rua: uriList,
    ruf: uriList,
    // Each of "d" and "s" once at the most. We let spaces stand around the colons.
    fo: '(?!.*d.*d)(?!.*s.*s)(?:[01](?: *: *[ds])*|[ds](?: *: *[01])?(?: *: *[ds])?|(?:[ds] *: *)*[01])',
  }).map(([tag, rule]) => [tag, new RegExp(`^(?:${rule})$`, 'i')]),
);
// RFC 6376 §3.2: names of tags have digits and "_" too.
const tag = new RegExp(`^([A-Za-z][A-Za-z0-9_]*)${equals}([\\x20-\\x3a\\x3c-\\x7e]+)$`);
const version = new RegExp(`^[ \\t]*v${equals}DMARC1$`, 'i');

/** Whether a text is a `dmarc-record` with values as their rules want them, and no tag twice (RFC 6376 §3.2). */
function isRecord(text: string): boolean {
  const [first = '', ...fields] = text.split(';').map((field) => field.replace(/^[ \t]+/, '').replace(/[ \t]+$/, ''));
  if (!version.test(first) || !first.includes('DMARC1')) return false;
  if (fields.at(-1) === '') fields.pop();
  const seen = new Set(['v']);
  for (const field of fields) {
    const [, name = '', value = ''] = tag.exec(field) ?? [];
    if (name === '' || seen.has(name)) return false;
    seen.add(name);
    if (seen.has(name.toLowerCase()) && name !== name.toLowerCase()) return false;
    const rule = values[name];
    if (rule ? !rule.test(value) : name.toLowerCase() in values) return false;
  }
  return true;
}

const seeds = [
  'v=DMARC1; p=reject; rua=mailto:a@example.com,mailto:b@example.org!10m; adkim=s; aspf=r; fo=1:d:s',
  'v=DMARC1;p=none;sp=quarantine;np=reject;psd=n;t=y;ruf=mailto:x%2Cy@example.com ; x_1=some thing: else;',
  ' v = DMARC1 ; p = Quarantine ; fo=d ; zz=a=b',
];
const tokens = [
  ';',
  '; ',
  ' ',
  '\t',
  '=',
  ':',
  ',',
  '!',
  '!5k',
  '%',
  'p=',
  'rua=',
  'none',
  'reject',
  ':d',
  ':s',
  '0',
  '1',
  'd',
  'mailto:',
  'v=DMARC1',
];

describe('RFC 9989 §4.8: the grammar of records', () => {
  it.each(seeds)('has %j', (text) =>
    expect([isRecord(text), parseDmarcRecord(text)]).toMatchObject([true, { ok: true, value: { defects: [] } }]),
  );

  it('is what is read without a defect, in 100,000 mutants of records', () => {
    let accepted = 0;
    for (const mutant of mutants(seeds, { count: 100_000, tokens })) {
      const text = String.fromCharCode(...mutant.subarray(0, 300));
      const parsed = parseDmarcRecord(text);
      const ok = parsed.ok && parsed.value.defects.length === 0;
      if (ok !== isRecord(text)) expect({ text, ok }).toEqual({ text, ok: isRecord(text) });
      if (ok) accepted++;
    }
    expect(accepted).toBeGreaterThan(5000);
  });
});

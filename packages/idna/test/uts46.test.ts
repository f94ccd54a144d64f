import { expect, it } from 'vitest';
import { describeConformance, readConformance } from '../../../tools/conformance.ts';
import { decodePunycode, encodePunycode, toAscii, toUnicode } from '../src/index.ts';
import { mappingClass, mappingOf, mappingStatusOf } from '../src/properties.ts';

const all = { checkHyphens: true, checkBidi: true, checkJoiners: true, useStd3AsciiRules: true, verifyDnsLength: true } as const;

function unescape(text: string): string {
  return text.replace(/\\u([0-9A-F]{4})|\\x\{([0-9A-F]+)\}/g, (_, short?: string, long?: string) =>
    String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16)),
  );
}

/** A column of the file: blank stands for the value of another column, `""` for the empty text. */
function column(field: string | undefined, blank: string): string {
  if (!field) return blank;
  return field === '""' ? '' : unescape(field);
}

function statuses(field: string | undefined, blank: readonly string[]): readonly string[] {
  if (!field) return blank;
  return field
    .slice(1, -1)
    .split(',')
    .map((status) => status.trim())
    .filter((status) => status !== '');
}

function rows(file: string): string[][] {
  return new TextDecoder()
    .decode(readConformance('idna', file))
    .split('\n')
    .map((line) => line.replace(/#.*$/, ''))
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(';').map((field) => field.trim()));
}

describeConformance('idna', 'UTS 46', () => {
  it('passes every line of IdnaTestV2', () => {
    const failures: string[] = [];
    let lines = 0;
    for (const [source, unicode, unicodeStatus, ascii, asciiStatus] of rows('IdnaTestV2-even.txt')) {
      lines++;
      const input = column(source, '');
      const wantedUnicode = column(unicode, input);
      const wantedUnicodeStatus = statuses(unicodeStatus, []);
      const wantedAscii = column(ascii, wantedUnicode);
      const wantedAsciiStatus = statuses(asciiStatus, wantedUnicodeStatus);
      const toU = toUnicode(input, all);
      const toA = toAscii(input, all);
      if (toU.ok !== (wantedUnicodeStatus.length === 0) || (toU.ok && toU.value !== wantedUnicode)) failures.push(`toUnicode ${source}`);
      if (toA.ok !== (wantedAsciiStatus.length === 0) || (toA.ok && toA.value !== wantedAscii)) failures.push(`toAscii ${source}`);
    }
    expect(failures).toEqual([]);
    expect(lines).toBe(3195);
  });

  it('maps every code point as IdnaMappingTable does', () => {
    const classes: Readonly<Record<string, number>> = { ...mappingClass, deviation: mappingClass.valid };
    const failures: string[] = [];
    for (const [range = '', status = '', mapping = ''] of rows('IdnaMappingTable.txt')) {
      const [first = '', last = first] = range.split('..');
      const target = String.fromCodePoint(...(mapping === '' ? [] : mapping.split(' ').map((code) => Number.parseInt(code, 16))));
      for (let code = Number.parseInt(first, 16); code <= Number.parseInt(last, 16); code++) {
        if (mappingStatusOf(code) !== classes[status]) failures.push(`${code.toString(16)} ${status}`);
        else if (status === 'mapped' && mappingOf(code) !== target) failures.push(`${code.toString(16)} -> ${mapping}`);
      }
    }
    expect(failures).toEqual([]);
  });
});

interface PunycodeVector {
  readonly description: string;
  readonly decoded: string;
  readonly encoded: string;
}

function readVectors(file: string): PunycodeVector[] {
  return JSON.parse(new TextDecoder().decode(readConformance('idna', file)));
}

describeConformance('idna', 'Punycode', () => {
  for (const { description, decoded, encoded } of readVectors('punycode_tests.json')) {
    it(`RFC 3492 §6: ${description || decoded}`, () => {
      expect(encodePunycode(decoded)).toBe(encoded);
      expect(decodePunycode(encoded)).toBe(decoded);
    });
  }
});

import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { repairXml } from './repair-xml.ts';

function repair(text: string): { readonly repaired: string; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const take = (problem: string): number => problems.push(problem);
  const repaired = [...repairXml(text, { fault: take, oddity: take })].join('');
  return { repaired, problems };
}

/** What saxes makes of a document, a line an event; text that follows text is one. Undefined where it is not well-formed. */
function parse(text: string): readonly string[] | undefined {
  const events: string[] = [];
  let wellFormed = true;
  const parser = new SaxesParser({ xmlns: false });
  const take = (piece: string): void => {
    const last = events.at(-1);
    if (last?.startsWith('"')) events[events.length - 1] = last + piece;
    else events.push(`"${piece}`);
  };
  parser.on('opentag', ({ name, attributes }) => events.push(`<${name} ${JSON.stringify(attributes)}>`));
  parser.on('closetag', ({ name }) => events.push(`</${name}>`));
  parser.on('text', take);
  parser.on('cdata', take);
  parser.on('error', () => {
    wellFormed = false;
  });
  parser.write(text).close();
  // White space around the root is told where the XML declaration was.
  return wellFormed ? events.filter((event) => !/^"\s*$/.test(event)) : undefined;
}

const name = fc.constantFrom('a', 'b:c', 'feedback', 'x-y.z', '\u00fc');
const character = fc.constantFrom(
  ...['a', '1', '\u00e4', '\u{1f600}', ' ', '\n', '&amp;', '&lt;', '&#228;', '&#xE4;', '&quot;', "'", '"', '>', ']', '='],
);
const attribute = fc.tuple(
  fc.constantFrom('p', 'q', 'xmlns'),
  fc.constantFrom('""', "''", '"a>b"', `'"'`, `" x = y "`, "'/'", '"&amp;&#9;"'),
);
const noise = fc.constantFrom('<!-- <x> & - > ->-->', '<?pi <y> & ?>', '<![CDATA[<z>&amp;]]]]>', '');
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc
    .tuple(
      name,
      fc.uniqueArray(attribute, { selector: ([key]) => key, maxLength: 3 }),
      fc.option(tie('content')),
      fc.constantFrom('', ' ', '\n'),
    )
    .map(([tag, attributes, content, space]) => {
      const head = `${tag}${attributes.map(([key, value]) => ` ${key}${space}=${space}${value}`).join('')}${space}`;
      return content === null ? `<${head}/>` : `<${head}>${content}</${tag}${space}>`;
    }),
  content: fc
    .array(fc.oneof({ depthSize: 'small' }, fc.string({ unit: character }), noise, tie('element')), { maxLength: 4 })
    .map((all) => all.join('')),
}));

describe('repairXml', () => {
  it('leaves what is well-formed as it is, to a parser', () => {
    const document = fc.tuple(fc.constantFrom('', '<?xml version="1.0"?>\n'), element).map((parts) => parts.join(''));
    let compared = 0;
    fc.assert(
      fc.property(document, (text) => {
        const expected = parse(text);
        if (!expected) return;
        compared++;
        const { repaired, problems } = repair(text);
        expect({ events: parse(repaired), problems }).toEqual({ events: expected, problems: [] });
      }),
      { numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(1000);
  });

  it.each<[string, string, string[]]>([
    ['<a>x & y</a>', '<a>x &amp; y</a>', ['an ampersand that is not escaped']],
    ['<a>]<!-- x -->]></a>', '<a>]<!---->]></a>', []],
    ['<a>]]<?x?>></a>', '<a>]]<!---->></a>', []],
    ['<a>&nbsp;</a>', '<a>&amp;nbsp;</a>', ['an entity that is not known']],
    ['<a>&#9;&#X41;</a>', '<a>&#9;&#65;</a>', []],
    ['<a>&#0;&#xD800;&#x110000;</a>', '<a>\ufffd\ufffd\ufffd</a>', Array.from({ length: 3 }, () => 'a character that XML does not have')],
    ['<a>x\u0001</a>', '<a>x\ufffd</a>', ['a character that XML does not have']],
    ['<a>\ud800</a>', '<a>\ufffd</a>', []],
    ['<a>1 < 2</a>', '<a>1 &lt; 2</a>', ['a "<" that begins no tag']],
    ['<a>]]></a>', '<a>]]&gt;</a>', ['"]]>" that ends nothing']],
    ['<a><me@x.example></a>', '<a>&lt;me@x.example></a>', ['a "<" that begins no tag']],
    ['<a b="<c/>"/>', '&lt;a b="<c/>"/>', ['a "<" that begins no tag']],
    ['<a b="&#9;&amp;">', '<a b="&#9;&amp;">', []],
    [
      '<a b="c&d&amp;">',
      '<a b="c&amp;d&amp;">',
      ['attributes with an ampersand that is not escaped, or characters that XML does not have'],
    ],
    ['<a b="c>d', '&lt;a b="c>d', ['a "<" that begins no tag']],
    ['<a></a', '<a>&lt;/a', ['a "<" that begins no tag']],
    ['<a></ a></>', '<a>&lt;/ a>&lt;/>', ['a "<" that begins no tag', 'a "<" that begins no tag']],
    ['<!ENTITY a "b">', '&lt;!ENTITY a "b">', ['a "<" that begins no tag']],
    ['<a><![CDATA[x</a>', '<a>', ['a CDATA section that does not end']],
    ['<a><![CDATA[\u0001&]]></a>', '<a><![CDATA[\ufffd&]]></a>', []],
    ['<a><!-- x</a>', '<a>', ['a comment that does not end']],
    ['<!-->', '', ['a comment that does not end']],
    ['<?xml', '', ['a processing instruction that does not end']],
    ['<!DOCTYPE a SYSTEM "x"><a/>', '<a/>', ['a document type, which is passed over']],
    [
      '<!DOCTYPE a [<!ENTITY b "c">\n] ><a>&b;</a>',
      '<a>&amp;b;</a>',
      ['a document type, which is passed over', 'an entity that is not known'],
    ],
    ['<!DOCTYPE a [<a/>', '', ['a document type, which is passed over', 'a document type that does not end']],
    [`<a ${'b '.repeat(10_000)}/>c`, '<a/>c', ['a tag of more than 16384 characters, whose attributes are not read']],
  ])('repairs %j', (text, repaired, problems) => {
    expect(repair(text)).toEqual({ repaired, problems });
  });

  it('gives up where there is no end of repairs', () => {
    const { repaired, problems } = repair('&'.repeat(200_000));
    expect([repaired.length < 1_000_000, problems.at(-1)]).toEqual([true, 'too many faults: the rest is not read']);
  });
});

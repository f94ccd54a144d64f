import { fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import type { Part } from './part.ts';
import { PartFinder } from './part-finder.ts';
import { parseStructure } from './structure.ts';

const multipart = (type: string, boundary: string, location: string, ...members: readonly string[]): string =>
  `Content-Type: multipart/${type}; boundary=${boundary}\r\n${location}\r\n${members.map((member) => `--${boundary}\r\n${member}\r\n`).join('')}--${boundary}--`;
const html = (fields = ''): string => `Content-Type: text/html\r\n${fields}\r\n<p>`;
const image = (description: string, fields: string): string =>
  `Content-Type: image/gif\r\nContent-Description: ${description}\r\n${fields}\r\nx`;
const location = (uri: string): string => `Content-Location: ${uri}\r\n`;
const id = (text: string): string => `Content-ID: <${text}>\r\n`;

const logo = 'http://www.ietf.cnri.reston.va.us/images/ietflogo.gif';
const site = 'http://www.ietf.cnri.reston.va.us/';

/** The message of RFC 2557 §9.6, its misspelt file names put right. */
const nested = multipart(
  'related',
  'a',
  '',
  html(id('foo3@x')),
  image('logo', location(`\r\n          ${logo}`)),
  multipart('related', 'b', location(`${site}more-info`), html(id('foo4@x')), image('logo2', location('http:images/ietflogo2.gif'))),
  multipart('related', 'c', location(`${site}even-more-info`), html(id('4@x')), image('logo2d', location('http:images/ietflogo2d.gif'))),
);

function partsOf(part: Part): Part[] {
  return [part, ...(part.parts ?? []).flatMap(partsOf), ...(part.message ? partsOf(part.message.part) : [])];
}

/** What an address in the HTML part of a number leads to: its description, else its type. */
function find(text: string, uri: string, options: { readonly html?: number; readonly base?: string } = {}): string | undefined {
  const structure = parseStructure(fromUtf8(text));
  const from = partsOf(structure.part).filter(({ subtype }) => subtype === 'html')[options.html ?? 0];
  if (!from) throw new Error('no HTML');
  const found = new PartFinder({ structure, from, ...(options.base === undefined ? undefined : { base: options.base }) }).find(uri);
  return found && (found.description ?? found.id ?? `${found.type}/${found.subtype}`);
}

describe('PartFinder', () => {
  const related = (...members: readonly string[]): string => multipart('related', 'b', '', html(), ...members);

  it.each([
    ['RFC 2557 §9.2: an absolute address', logo, related(image('logo', location(logo))), 'logo'],
    ['RFC 2557 §9.4: relative, without a base', 'ietflogo.gif', related(image('logo', location('ietflogo.gif'))), 'logo'],
    ['RFC 2557 §9.5: a Content-ID', 'cid:foo4*foo1@bar.net', related(image('logo', id('foo4*foo1@bar.net'))), 'logo'],
    ['RFC 2557 §8.2: percent signs are not undone', 'a.b', related(image('logo', location('a%2eb'))), undefined],
    ['RFC 2557 §8.2: no base here, one there', 'http://x.example/a', related(image('logo', location('a'))), undefined],
    ['RFC 2557 §8.3: a Content-Location is no Content-ID', 'cid:foo@bar.net', related(image('x', location('CID:foo@bar.net'))), undefined],
    ['RFC 2557 §4.4.1: an encoded word', 'a b.gif', related(image('x', location('=?us-ascii?q?a=20b.gif?='))), undefined],
    ['RFC 2557 §4.4.1: an encoded word, escaped', 'a%20b.gif', related(image('x', location('=?us-ascii?q?a%20b.gif?='))), 'x'],
    ['RFC 2557 §4.1: comments', 'a.gif', related(image('x', location('(see) a.gif (here)'))), 'x'],
    ['RFC 2557 §4.4.3: a folded address', 'ab/c.gif', related(image('x', location('\r\n ab/\r\n c.gif'))), 'x'],
    [
      'RFC 2557 §8.2: only of the same multipart/related',
      'a.gif',
      multipart('mixed', 'b', '', html(), image('x', location('a.gif'))),
      undefined,
    ],
    ['RFC 2392 §2: percent signs of cid: are undone', 'cid:a%25b%2Fc@x', related(image('x', id('a%b/c@x'))), 'x'],
    [
      'RFC 2392 §2: what should be percent-encoded and is not',
      'cid:foo4%25foo1@bar.net',
      related(image('x', id('foo4%25foo1@bar.net'))),
      'x',
    ],
    ['RFC 2392 §2: a part elsewhere in the message', 'cid:a@x', multipart('mixed', 'b', '', html(), image('x', id('a@x'))), 'x'],
    [
      'RFC 2392 §2: of alternatives the one to be shown',
      'cid:a@x',
      related(multipart('alternative', 'c', '', image('first', id('a@x')), image('last', id('a@x')))),
      'last',
    ],
    ['no such part', 'cid:b@x', related(image('x', id('a@x'))), undefined],
    ['no identifier', 'cid:', related(image('x', id(''))), undefined],
    ['no address', ' ', related(image('x', location(''))), undefined],
    ['an address that is none', 'http://[', related(image('x', location('http://['))), undefined],
  ] as const)('%s', (_, uri, text, wanted) => expect(find(text, uri)).toBe(wanted));

  it('RFC 2557 §5: the bases, in their order', () => {
    const text = (own: string, around: string, of: string): string =>
      multipart('related', 'b', around, html(own), image('x', location(of)));
    // (a) the base in the HTML, which may itself be relative
    expect(find(text('', '', 'http://a.example/dir/x.gif'), 'x.gif', { base: 'http://a.example/dir/' })).toBe('x');
    expect(find(text(location('http://a.example/p.html'), '', 'http://a.example/dir/x.gif'), 'x.gif', { base: 'dir/' })).toBe('x');
    // (b) the part's own heading, where it is absolute
    expect(find(text(location('http://a.example/dir/p.html'), '', 'http://a.example/dir/x.gif'), 'x.gif')).toBe('x');
    expect(find(text(location('dir/p.html'), '', 'x.gif'), 'x.gif')).toBe('x');
    // (c) the headings around it
    expect(find(text('', location('http://a.example/dir/'), 'x.gif'), 'http://a.example/dir/x.gif')).toBe('x');
    expect(find(`${location('http://a.example/')}${text('', '', 'dir/x.gif')}`, 'http://a.example/dir/x.gif')).toBe('x');
    // (e) none
    expect(find(text('', '', 'x.gif'), 'thismessage:/x.gif')).toBe('x');
  });

  it.each([
    [0, logo, 'logo'],
    [0, 'images/ietflogo2.gif', undefined],
    [0, `${site}more-info`, '<foo4@x>'],
    [0, `${site}even-more-info`, '<4@x>'],
    [1, 'images/ietflogo.gif', 'logo'],
    [1, 'images/ietflogo2.gif', 'logo2'],
    [2, 'images/ietflogo2d.gif', 'logo2d'],
    [2, 'images/ietflogo2.gif', undefined],
  ] as const)('RFC 2557 §9.6: from HTML %i to %s', (number, uri, wanted) => expect(find(nested, uri, { html: number })).toBe(wanted));

  it('RFC 2392 §2: mid: names this message, one inside it, or a part of either', () => {
    const inner = `Message-ID: <inner/1@x>\r\n${multipart('related', 'i', '', html(), image('picture', id('p@x')))}`;
    const text = `Message-ID: <outer@x>\r\n${multipart('mixed', 'o', '', html(), image('other', id('q@x')), `Content-Type: message/rfc822\r\n\r\n${inner}`)}`;
    expect(find(text, 'mid:outer@x')).toBe('multipart/mixed');
    expect(find(text, 'MID:outer@x/q@x')).toBe('other');
    expect(find(text, 'mid:inner%2F1@x')).toBe('multipart/related');
    expect(find(text, 'mid:inner%2F1@x/p@x')).toBe('picture');
    expect(find(text, 'mid:inner%2F1@x/q@x')).toBeUndefined();
    expect(find(text, 'mid:unknown@x/p@x')).toBeUndefined();
  });

  it('finds nothing from a part of another message', () => {
    const structure = parseStructure(fromUtf8(nested));
    expect(new PartFinder({ structure, from: parseStructure(fromUtf8(nested)).part }).find(logo)).toBeUndefined();
  });

  it('takes a great many parts, and addresses', () => {
    const members = Array.from({ length: 9000 }, (_, i) => image(String(i), location(`${i}.gif`) + id(`${i}@x`)));
    const structure = parseStructure(fromUtf8(related(...members)));
    const [from = structure.part] = structure.part.parts ?? [];
    const finder = new PartFinder({ structure, from });
    for (let i = 0; i < 9000; i++) {
      expect(finder.find(`${i}.gif`)?.description).toBe(String(i));
      expect(finder.find(`cid:${i}@x`)?.description).toBe(String(i));
      expect(finder.find(`mid:x/${i}@x`)).toBeUndefined();
    }
  });
});

import { fromLatin1, fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { checkContentMd5, findByCid, partFilename, safeFilename } from './attachment.ts';
import { parseAuthenticationResults } from './authentication-results.ts';
import { parseHeaderFields } from './header-field.ts';
import { parseListHeaders } from './list-headers.ts';
import { parseMessage } from './message.ts';
import { previewText } from './preview.ts';
import { parseStructure } from './structure.ts';

function message(...lines: string[]): Uint8Array {
  return fromUtf8(lines.join('\r\n'));
}

describe('what a mail program must do', () => {
  it('RFC 2049 §2: a private transfer encoding makes a part a file', () => {
    const read = parseMessage(message('Content-Type: text/plain', 'Content-Transfer-Encoding: x-gzip64', '', 'begin'));
    expect(read.text).toBeUndefined();
    // RFC 2045 §6.4: what is still encoded is not what its Content-Type says.
    expect(read.attachments.map(({ contentType }) => contentType)).toEqual(['application/octet-stream']);
    expect(read.defects.map(({ code }) => code)).toEqual(['unknown-encoding']);
    expect(parseMessage(message('Content-Transfer-Encoding: 8-bit', '', 'text')).text).toBe('text');
  });

  it('RFC 2049 §2: an unknown multipart is mixed', () => {
    const read = parseMessage(
      message('Content-Type: multipart/unheard-of; boundary=b', '', '--b', '', 'text', '--b', 'Content-Type: a/b', '', 'x', '--b--'),
    );
    expect([read.text, read.attachments.length]).toEqual(['text', 1]);
  });

  it('RFC 2047 §6: display names and subjects are decoded, and addresses are not', () => {
    const read = parseMessage(
      message('From: =?utf-8?q?J=C3=BCrgen?= <=?utf-8?q?x?=@example.org>', 'Subject: =?iso-8859-1?b?R3L832U=?=', '', ''),
    );
    expect(read.from).toEqual([{ name: 'Jürgen', address: '=?utf-8?q?x?=@example.org' }]);
    expect(read.subject).toBe('Grüße');
  });

  it('RFC 6854 §2: a group may stand in From and Sender', () => {
    const read = parseMessage(message('From: Managing Partners:ben@example.com, carol@example.com;', 'Sender: Nobody:;', '', ''));
    expect(read.from).toEqual([
      { name: '', address: 'ben@example.com', group: 'Managing Partners' },
      { name: '', address: 'carol@example.com', group: 'Managing Partners' },
    ]);
    expect(read.sender).toEqual([]);
  });

  it('RFC 2231 §3: names of files come in sections, in charsets, in encoded words', () => {
    const name = (parameters: string): string | undefined =>
      partFilename(parseStructure(message(`Content-Disposition: attachment; ${parameters}`, '', '')).part);
    expect(name('filename*0="a "; filename*1=b.txt')).toBe('a b.txt');
    expect(name("filename*=iso-8859-1'de'gr%FC%DFe.txt")).toBe('grüße.txt');
    expect(name("filename*1*=%9Fe.txt; filename*0*=utf-8''gr%C3%BC%C3; filename=plain.txt")).toBe('grüße.txt');
    expect(name('filename="=?utf-8?q?gr=C3=BC=C3=9Fe?=.txt"')).toBe('grüße.txt');
    expect(name('x=y')).toBeUndefined();
    expect(name('filename=""')).toBeUndefined();
    expect(
      partFilename(parseStructure(message('Content-Type: a/b; name=n.txt', 'Content-Disposition: attachment; filename=""', '', '')).part),
    ).toBe('n.txt');
  });

  it.each([
    ['a b.txt', 'a b.txt'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\dir\\file.txt', 'file.txt'],
    ['/etc/', 'etc'],
    ['..', 'attachment'],
    ['.bashrc', 'bashrc'],
    ['a\0b\r\nc.txt', 'a_b_c.txt'],
    ['photo\u202egpj.exe', 'photo_gpj.exe'],
    ['a<b>:"c"|d?*.txt', 'a_b_c_d_.txt'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['console.txt', 'console.txt'],
    ['trailing. . ', 'trailing'],
    ['größe.txt', 'größe.txt'],
    ['???', 'attachment'],
    ['', 'attachment'],
    [undefined, 'attachment'],
    [`${'ü'.repeat(200)}.pdf`, `${'ü'.repeat(125)}.pdf`],
    ['a'.repeat(300), 'a'.repeat(255)],
  ])('RFC 2183 §2.3: %j is written to a disk as %j', (filename, safe) => {
    expect(safeFilename(filename)).toBe(safe);
    expect(safeFilename(safeFilename(filename))).toBe(safe);
  });

  it('RFC 8621 §4.1.4: a plain footer under HTML is part of either body', () => {
    const read = parseMessage(
      message('Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/html', '', '<p>a', '--b', '', 'b<c', '--b--'),
    );
    expect(read.text).toBe('a\nb<c\n');
    expect(read.html).toContain('<p>a\n');
    expect(read.html).toContain('>b&lt;c</div>');
  });

  it('RFC 8970 §3.3: finds the first words behind long style sheets, and those that are there for the preview', () => {
    const preview = (html: string): string => {
      const bytes = message('Content-Type: text/html', '', html);
      return previewText(parseStructure(bytes).part, bytes);
    };
    expect(preview(`<style>${'.a { b: c }\n'.repeat(10_000)}</style><p>Hello</p>`)).toBe('Hello');
    expect(preview('<div style="display:none">Three offers&zwnj;&nbsp;</div><p>Hello</p>')).toBe('Three offers Hello');
    expect(preview(`<style>${'.a { b: c }\n'.repeat(100_000)}</style><p>Hello</p>`)).toBe('');
  });

  it('RFC 2231 §4: a boundary may be in the extended form', () => {
    const { part } = parseStructure(message("Content-Type: multipart/mixed; boundary*=us-ascii''a%20b", '', '--a b', '', 'x', '--a b--'));
    expect(part.parts).toHaveLength(1);
  });

  it('RFC 2392 §2: cid: finds the part beside the HTML', () => {
    const read = parseMessage(
      message(
        'Content-Type: multipart/related; boundary=b',
        '',
        '--b',
        'Content-Type: text/html',
        '',
        '<img src="cid:a%25b@x">',
        '--b',
        'Content-Type: image/png',
        'Content-ID: <a%b@x>',
        '',
        'x',
        '--b--',
      ),
    );
    expect(findByCid(read.attachments, 'cid:a%25b@x')?.contentType).toBe('image/png');
    expect(findByCid(read.attachments, 'CID:other@x')).toBeUndefined();
    expect(findByCid(read.attachments, 'cid:%')).toBeUndefined();
  });

  it('RFC 1864 §3: the MD5 sum of a body is checked', () => {
    const read = (md5: string) => {
      const bytes = message(`Content-MD5: ${md5}`, 'Content-Transfer-Encoding: base64', '', 'YWJj');
      return checkContentMd5(parseStructure(bytes).part, bytes);
    };
    expect(read('kAFQmDzST7DWlj99KOF/cg==')).toBe(true);
    expect(read('AAAAAAAAAAAAAAAAAAAAAA==')).toBe(false);
    expect(checkContentMd5(parseStructure(fromLatin1('\r\n')).part, fromLatin1('\r\n'))).toBeUndefined();
  });

  it('RFC 3282 §2: languages of a part', () => {
    const { part } = parseStructure(
      message(
        'Content-Language: da, en (English), i-mingo',
        'Content-Location: http://a.example/b',
        'Content-Description: a',
        '  description',
        'Content-ID: <x@y>',
        '',
        '',
      ),
    );
    expect(part).toMatchObject({
      language: ['da', 'en', 'i-mingo'],
      location: 'http://a.example/b',
      description: 'a  description',
      id: '<x@y>',
    });
  });

  it('RFC 2557 §4: the location of a part is kept as it stood', () => {
    expect(parseStructure(message('Content-Location:\r\n fiction1/fiction2', '', '')).part.location).toBe('fiction1/fiction2');
  });

  it('RFC 5064 §2: where a message is archived', () => {
    expect(parseListHeaders(parseHeaderFields(message('Archived-At: <https://a.example/1>', '', ''))).archivedAt).toBe(
      'https://a.example/1',
    );
  });

  it('RFC 6008 §4: results of several signatures are told apart by header.b', () => {
    const read = parseAuthenticationResults(
      'a.example; dkim=pass header.d=b.example header.b="oINEO8hg"; dkim=fail header.d=b.example header.b=EToRSuvU',
    );
    expect(read.ok && read.value.results.map((result) => result.properties.find(({ property }) => property === 'b')?.value)).toEqual([
      'oINEO8hg',
      'EToRSuvU',
    ]);
  });
});

import { fromUtf8, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { htmlToFirstText, htmlToText } from './html-text.ts';

const document =
  '<html><head><title>t</title><style>p{}</style></head><body><p>Hello <b>big</b>\n world</p><ul><li>a<li>b</ul><blockquote>q<br>r</blockquote><a href="https://x.example/">here</a><script>x</script></body>';

describe('htmlToText', () => {
  it.each([
    ['<p>a</p><p>b</p>', 'a\n\nb'],
    ['a<br>b<br><br>c', 'a\nb\n\nc'],
    ['<div>a</div><div>b</div>', 'a\nb'],
    ['a <b>b</b>c  d', 'a bc d'],
    ['<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>', '- a\n- b\n  1. c\n  2. d'],
    ['<blockquote>a<br>b<blockquote>c</blockquote></blockquote>d', '> a\n> b\n>\n> > c\n\nd'],
    ['<pre>a  b\n  c</pre>', 'a  b\n  c'],
    ['<a href="https://x.example/">here</a>', 'here <https://x.example/>'],
    ['<a href="https://x.example/">https://x.example</a>', 'https://x.example'],
    ['<a href="mailto:a@b.example">a@b.example</a>', 'a@b.example'],
    ['<a href="javascript:x">y</a>', 'y'],
    ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'],
    ['a<style>b</style><script>c</script><title>d</title>e', 'ae'],
    ['<img alt="a picture"> x', '[a picture] x'],
    ['&lt;b&gt; &amp;nbsp; &euro;', '<b> &nbsp; €'],
    ['a<hr>b', 'a\n---\nb'],
    ['<!-- c -->a<!doctype html>', 'a'],
    ['<blockquote><p>a</p><p>b</p></blockquote>', '> a\n>\n> b'],
    ['<p>a</p><p>&nbsp;</p><p>\u200b</p><p>b&nbsp;c</p>', 'a\n\nb c'],
    ['<p class=MsoNormal>a<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>b</p>', 'a\n\nb'],
    ['<ul><li><p>a</p></li><li><div>b</div></li></ul>', '- a\n\n- b'],
    ['<ol start=3><li>a<li value="7">b<li>c</ol>', '3. a\n7. b\n8. c'],
    ['<table><tr><th><p>a</p></th><th><p>b</p></th></tr><tr><td><div>c</div></td><td><div>d</div></td></tr></table>', 'a b\n\nc d'],
    [`<table><tr><td>${'x '.repeat(50)}</td><td>b</td></tr></table>`, `${'x '.repeat(50).trim()}\nb`],
    ['<table><tr><td>a<br>b</td><td>c</td></tr></table>', 'a\nb\nc'],
    ['<table><tr><td><table><tr><td>a<tr><td>b</table><td>c</table>d', 'a\nb\nc\nd'],
    ['<table><tr><td>a<td><table><tr><td>b<td>c<tr><td>d</table></table>', 'a b c\nd'],
    ['<div style="color: red; DISPLAY : none !important"><div>x</div><br></div>a<span hidden>y</span>', 'a'],
    ['<p style="display:none">x<p>a</p><p hidden>y</p>b', 'a\n\nb'],
    ['<img style="display:none" alt=x>a<i style="display:inline">b</i>', 'ab'],
    ['a<svg><title>x</title><text>y</text></svg>b<svg>z<p>c', 'ab\n\nc'],
    ['<object data=x>a</object>', 'a'],
    ['<a href="https://www.x.example/">x.example</a> <a href="mailto:a@b.example?subject=c">write</a>', 'x.example write <a@b.example>'],
    ['<a href="https://x.example/open"><img src=pixel></a>a', 'a'],
    ['<DIV Hidden>x</Div><TD>a</tD><LI>b<OL START=3><Li>c', 'a\n- b\n\n3. c'],
    ['<o:p hidden>x<O:P>y</O:p>z</o:P>a', 'a'],
    ['<tr><td><td>a<td>b<tr><td>\r\n c \t d<td><p>e', 'a b\nc d e'],
    ['<constructor constructor=x><a __proto__=y>a', 'a'],
    ['a\0b', 'ab'],
    ['', ''],
    ['<p>unended', 'unended'],
    ['a < b', 'a < b'],
  ])('makes text of %j', (html, text) => expect(htmlToText(html)).toBe(text));

  it('keeps what is not shown where that is asked for', () => {
    expect(htmlToText('<div style="display:none">preview</div><p>a</p>', { hidden: true })).toBe('preview\n\na');
  });

  it('stops at a length', () => {
    expect(htmlToText('a😀b', { maxLength: 2 })).toBe('a');
    expect(htmlToText('<p>word </p>'.repeat(100_000), { maxLength: 100 })).toHaveLength(100);
  });

  it('stops after a number of tags', () => {
    const html = `${'<p></p>'.repeat(20)}a<b>b</b>`;
    expect([19, 20, 21, 22].map((maxTags) => htmlToFirstText(html, { maxTags }))).toEqual(['', '', 'a', 'ab']);
  });

  it('takes mutants', () => {
    for (const mutant of mutants([fromUtf8(document)], {
      count: 1000,
      tokens: ['<', '>', '</', '<p', '<a href="', '"', '&#', '<!--', '<pre>', '<blockquote>'],
    }))
      htmlToText(toUtf8(mutant));
  });

  it.each([
    '<blockquote>',
    '<ul><li>',
    '<a href="https://x">',
    '<',
    '<p ',
    '&',
    '<pre>',
    '<title>',
    'a<br>',
    '<a ',
    '<td>x',
    '<table><tr><td>',
    '<table><tr><td>x',
    '<div style="display:none">',
    '<svg>',
    '&nbsp;',
    '<p>&nbsp;',
    '<!--',
    '</p>',
  ])('takes %j again and again in linear time', (piece) => {
    const started = performance.now();
    htmlToText(piece.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

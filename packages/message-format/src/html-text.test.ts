import { fromUtf8, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { htmlToText } from './html-text.ts';

const document =
  '<html><head><title>t</title><style>p{}</style></head><body><p>Hello <b>big</b>\n world</p><ul><li>a<li>b</ul><blockquote>q<br>r</blockquote><a href="https://x.example/">here</a><script>x</script></body>';

describe('htmlToText', () => {
  it.each([
    ['<p>a</p><p>b</p>', 'a\n\nb'],
    ['a<br>b<br><br>c', 'a\nb\n\nc'],
    ['<div>a</div><div>b</div>', 'a\nb'],
    ['a <b>b</b>c  d', 'a bc d'],
    ['<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>', '- a\n- b\n  1. c\n  2. d'],
    ['<blockquote>a<br>b<blockquote>c</blockquote></blockquote>d', '> a\n> b\n\n> > c\n\nd'],
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
    ['', ''],
    ['<p>unended', 'unended'],
    ['a < b', 'a < b'],
  ])('makes text of %j', (html, text) => expect(htmlToText(html)).toBe(text));

  it('stops at a length', () => {
    expect(htmlToText('<p>word </p>'.repeat(100_000), { maxLength: 100 })).toHaveLength(100);
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
    '<!--',
    '</p>',
  ])('takes %j again and again in linear time', (piece) => {
    const started = performance.now();
    htmlToText(piece.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

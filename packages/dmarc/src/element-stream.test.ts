import { describe, expect, it } from 'vitest';
import { readElements, type XmlElement } from './element-stream.ts';

const limits = { depth: 5, textLength: 10, elements: 3, faults: 4 };

const show = ({ name, text, children }: XmlElement): string => `${name}[${text}${children.map(show).join('')}]`;

/** The children of the root, and what was found amiss. */
function read(text: string): readonly [elements: string, ...faults: string[]] {
  const elements: string[] = [];
  const faults: string[] = [];
  readElements(
    text,
    'r',
    { root() {}, element: (element) => elements.push(show(element)), fault: (problem) => faults.push(problem) },
    limits,
  );
  return [elements.join(' '), ...faults];
}

describe('readElements', () => {
  it.each<[string, string, ...string[]]>([
    ['<r><a>x</a><b><c/>y</b></r>', 'a[x] b[yc[]]'],
    ['<x><r><a/></r><a/></x>', 'a[]'],
    ['<r><a>x</r>', 'a[x]', 'a has no end tag'],
    ['<r><a><b><c>x</a><a/></r>', 'a[b[c[x]]] a[]', 'c has no end tag', 'b has no end tag'],
    ['<r><a>x</b></a><a/></r>', 'a[x</b>] a[]', 'an end tag of b that ends nothing'],
    [
      '<r></b><a><c></a></b><a/></r>',
      'a[c[]] a[]',
      'an end tag of b that ends nothing',
      'c has no end tag',
      'an end tag of b that ends nothing',
    ],
    ['<r><a/></b></a><a>x</a>', 'a[] a[x]', 'an end tag of b that ends nothing', 'an end tag of a that ends nothing', 'r has no end tag'],
    ['<r><a>', '', 'a has no end tag', 'r has no end tag'],
    ['<r/><a>x</a>', ''],
    ['<r><a>            <b>x</b>            </a></r>', 'a[b[x]]'],
    ['<r><a> x </a></r>', 'a[ x ]'],
    ['<r xmlns="u"><a xmlns="">x</a></r>', 'a[x]'],
    ['<r><a>0123456789abc</a></r>', 'a[0123456789]', 'text of more than 10 characters in a'],
    ['<r><a>01234<![CDATA[56789]]>abc</a></r>', 'a[0123456789]'],
    ['<r><a><b/><c/><d/><e/></a><a/></r>', 'a[b[]c[]] a[]', 'more than 3 elements in one'],
    ['<r><a><a><a><a><a>', '', 'more than 3 elements in one', 'elements more than 5 deep: the rest is not read'],
    [
      `<r>${'</x>'.repeat(9)}<a/></r>`,
      '',
      ...Array.from({ length: 4 }, () => 'an end tag of x that ends nothing'),
      'too many faults: the rest is not read',
    ],
    [
      '<r><a>&x;&y;&z;&1;&2;&3;</a></r>',
      'a[&x;&y;&z;&]',
      'an entity that is not known',
      'an ampersand that is not escaped',
      'text of more than 10 characters in a',
    ],
    ['<R xmlns="u"><A xmlns=" u ">x</A><b xmlns="v"><a/></b></R>', 'a[x]'],
    ['<p:r xmlns:p="u"><p:a/><a/><q:a/><p:b xmlns:p="v"/></p:r>', 'a[] a[]'],
    ['<r><a b=c d>x</a></r>', 'a[x]', 'unquoted attribute value.', 'attribute without value.'],
  ])('%j', (text, ...expected) => {
    expect(read(text)).toEqual(expected);
  });
});

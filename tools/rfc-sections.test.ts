import { expect, it } from 'vitest';
import { sectionsOfMarkdown, sectionsOfText } from './rfc-sections.ts';

it('reads sections from a table of contents and from headings at the margin', () => {
  const text = `
Table of Contents

   1.  Introduction . . . . . . . . . . . . . . . . . . . . . . . . .  4
     1.1.  Terms and 2 more  . . . . . . . . . . . . . . . . . . . . .  5
   Appendix A.  Grammar  . . . . . . . . . . . . . . . . . . . . . . .  9
     A.1.  Rules . . . . . . . . . . . . . . . . . . . . . . . . . . . 10

1.  Introduction

   1. this is an item of a list
   2. and so is this

1.1.  Terms and 2 more

1.2.  Left out of the contents

4.7 is a number at the margin.

2.  The Rest

   text

Appendix A.  Grammar
`;
  expect([...sectionsOfText(text)]).toEqual([
    ['1', 'Introduction'],
    ['1.1', 'Terms and 2 more'],
    ['1.2', 'Left out of the contents'],
    ['2', 'The Rest'],
    ['A', 'Grammar'],
    ['A.1', 'Rules'],
  ]);
});

it('numbers the headings of a markdown source, appendices by letters', () => {
  const text =
    '%%%\ntitle\n%%%\n.# Abstract\n{mainmatter}\n# One\n## Sub {#anchor}\n## Sub two\n# Two\n{backmatter}\n# Examples\n## First\n';
  expect([...sectionsOfMarkdown(text)]).toEqual([
    ['1', 'One'],
    ['1.1', 'Sub'],
    ['1.2', 'Sub two'],
    ['2', 'Two'],
    ['A', 'Examples'],
    ['A.1', 'First'],
  ]);
});

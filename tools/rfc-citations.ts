// Citations of RFCs in code and tests: `RFC 7208 §4.6.4`, `RFC 6376 appendix A`, with `todo` or `deviates` in front
// where something is missing or different, and the reason behind a colon.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineAt, scan } from './source-scan.ts';
import { readWorkspace, repository } from './workspace.ts';

/** One citation. */
export interface Citation {
  readonly number: number;
  /** Section number or appendix letter; undefined for the RFC as a whole. */
  readonly section: string | undefined;
  readonly kind: 'implements' | 'todo' | 'deviates';
  /** What is missing or different, for the two latter. */
  readonly reason: string;
}

/** A citation and where it stands. */
export interface PlacedCitation extends Citation {
  /** Folder of the package, `packages/spf`. */
  readonly folder: string;
  /** Path of the file from the repository. */
  readonly file: string;
  readonly line: number;
  /** Whether it is evidence of code (comment or string of a source), of a test (string of a test), or neither. */
  readonly evidence: 'code' | 'test' | 'none';
}

const mark = String.raw`(?:§§? ?|[Aa]ppendix )`;
const section = String.raw`(?:\d+(?:\.\d+)*|[A-Z](?:\.\d+)*)(?![\w])`;
const citation = new RegExp(
  String.raw`(?:\b(todo|deviates)[ \n*/]+)?\bRFCs?[ \n*/]+(\d{3,5})\b(?:,?[ \n*/]+${mark}(${section}(?:(?:, and |, | and | to |–|-)${mark}?${section})*))?`,
  'g',
);

/** The citations in a piece of text, a comment or a string. */
export function citationsIn(text: string): (Citation & { readonly offset: number })[] {
  return [...text.matchAll(citation)].flatMap((match) => {
    const [whole, word, number, list] = match;
    const kind = word === 'todo' || word === 'deviates' ? word : 'implements';
    const sections = list?.match(new RegExp(section, 'g')) ?? [undefined];
    const after = text.slice((match.index ?? 0) + whole.length);
    const reason = kind === 'implements' ? '' : reasonAt(after);
    return sections.map((one) => ({ number: Number(number), section: one, kind, reason, offset: match.index ?? 0 }) as const);
  });
}

/** The text behind `: ` up to the end of its sentence or of the comment. */
function reasonAt(after: string): string {
  const match = /^:\s*([^]*?)(?:\.(?=\s|$)|\*\/|\n\s*\*?\s*\n|$)/.exec(after);
  return (match?.[1] ?? '').replace(/\s*\n\s*(?:\/\/|\*)?\s*/g, ' ').trim();
}

/** Comments that stand in lines one after the other, as one, so that a sentence may run on. */
function joinedComments(text: string): { readonly text: string; readonly offset: number; readonly comment: boolean }[] {
  const pieces: { text: string; offset: number; comment: boolean }[] = [];
  let end = -1;
  for (const token of scan(text)) {
    const last = pieces.at(-1);
    const isLine = token.kind === 'comment' && token.text.startsWith('//');
    const gap = end < 0 ? 'x' : text.slice(end, token.offset);
    if (isLine && last?.comment && last.text.startsWith('//') && /^\n[ \t]*$/.test(gap)) {
      last.text += `\n${token.text}`;
    } else if (token.kind === 'comment' || token.kind === 'string' || token.kind === 'template') {
      pieces.push({ text: token.text, offset: token.offset, comment: token.kind === 'comment' });
    }
    end = token.offset + token.text.length;
  }
  return pieces;
}

/** Every citation in the sources and tests of the workspace. */
export function collectCitations(root: string = repository): PlacedCitation[] {
  const all: PlacedCitation[] = [];
  for (const pkg of readWorkspace(root)) {
    for (const path of pkg.files) {
      const file = `${pkg.folder}/${path}`;
      const text = readFileSync(join(root, file), 'utf8');
      const isTest = path.endsWith('.test.ts');
      const isSource = path.startsWith('src/') && !isTest;
      for (const piece of joinedComments(text)) {
        const evidence = isSource ? 'code' : isTest && !piece.comment ? 'test' : 'none';
        for (const { offset, ...found } of citationsIn(piece.text)) {
          all.push({ ...found, folder: pkg.folder, file, line: lineAt(text, piece.offset + offset), evidence });
        }
      }
    }
  }
  return all;
}

// Writes rfc/sections/<number>.txt, the section numbers and titles of an RFC, out of its text, so that citations can be
// checked where the texts are not at hand. `node tools/rfc-sections.ts [number ...]`: without numbers, all that are cited.
// The texts are looked for beside the checkout, or where MOX_RFC_TEXT says.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { repository } from './workspace.ts';

/** Sections by number (`4.1.1`) or appendix (`B.1`), with their titles, in the order of the text. */
export type Sections = ReadonlyMap<string, string>;

/** A heading or a line of the table of contents: number, title, dots and a page number where it is the latter. */
const numbered =
  /^ *(?:(?:Appendix|APPENDIX|Annex) +([A-Z](?:\.\d+)*)|(\d+(?:\.\d+)*|[A-Z](?:\.\d+)+))(?:[.:)] *| +-+ *| +)(?:- +)?(\S.*)$/;

function cleanTitle(text: string): string {
  return text
    .replace(/[ .·]*\.[ .]*\.[ .]*\d*\s*$/, '')
    .replace(/ {2,}\d+\s*$/, '')
    .trim();
}

/** Where a table of contents begins and ends; an empty range where there is none. */
function contentsRange(lines: readonly string[]): [from: number, to: number] {
  const from = lines.findIndex((line) => /^\s*table of contents\s*$/i.test(line));
  if (from < 0) return [0, 0];
  let to = from + 1;
  let strangers = 0;
  for (let i = from + 1; i < lines.length && strangers < 3; i++) {
    const line = lines[i] ?? '';
    if (/\[Page \d+\]|^RFC \d+ {3}/.test(line) || line.trim() === '') continue;
    if (numbered.test(line) || /[. ]{3,}\d+\s*$/.test(line)) {
      if (/^\S/.test(line) && !/[. ]{3,}\d+\s*$/.test(line)) break;
      to = i + 1;
      strangers = 0;
    } else strangers++;
  }
  return [from, to];
}

/** The sections of an RFC's plain text: those of its table of contents, and headings at the left margin. */
export function sectionsOfText(text: string): Sections {
  const lines = text.split('\n');
  const [from, to] = contentsRange(lines);
  const sections = new Map<string, string>();
  const take = (line: string): void => {
    const match = numbered.exec(line);
    const number = match?.[1] ?? match?.[2];
    const title = cleanTitle(match?.[3] ?? '');
    if (number && title !== '' && /\p{L}/u.test(title) && !sections.has(number)) sections.set(number, title);
  };
  for (let i = from; i < to; i++) take(lines[i] ?? '');
  const headings = lines.filter(
    (line, i) => i >= to && /^ ?(Appendix|APPENDIX|Annex|\d|[A-Z]\.\d)/.test(line) && (lines[i - 1] ?? '').trim() === '',
  );
  for (const line of headings) if (isPlausible(line, sections)) take(line);
  // Some old texts only add sections to another RFC: they have no first section of their own.
  if (sections.size === 0) for (const line of headings) take(line);
  return new Map([...sections].toSorted(([a], [b]) => compareSections(a, b)));
}

/** Whether a heading continues what is known: its parent section is there, and so is its elder sibling. */
function isPlausible(line: string, sections: Sections): boolean {
  const match = numbered.exec(line);
  const number = match?.[1] ?? match?.[2] ?? '';
  const parts = number.split('.');
  const last = parts.at(-1) ?? '';
  const elder = /^\d+$/.test(last) ? String(Number(last) - 1) : last === 'A' ? '0' : String.fromCharCode(last.charCodeAt(0) - 1);
  const parent = parts.slice(0, -1).join('.');
  if (parent !== '' && !sections.has(parent)) return false;
  return elder === '0' || elder === '-1' || sections.has([...parts.slice(0, -1), elder].join('.'));
}

function compareSections(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x = '', y = ''] = [left[i], right[i]];
    if (x === y) continue;
    const letters = Number(/[A-Z]/.test(x)) - Number(/[A-Z]/.test(y));
    if (letters !== 0) return letters;
    return /[A-Z]/.test(x) ? (x < y ? -1 : 1) : Number(x) - Number(y);
  }
  return 0;
}

/** The sections of an RFC's markdown source, numbered as it is printed: the first part by numbers, back matter by letters. */
export function sectionsOfMarkdown(text: string): Sections {
  const sections = new Map<string, string>();
  let counters: number[] = [];
  let back = false;
  for (const line of text.slice(Math.max(0, text.indexOf('{mainmatter}'))).split('\n')) {
    if (line.startsWith('{backmatter}')) [back, counters] = [true, []];
    const match = /^(#+) +(.+?)(?: *\{[^}]*\})?\s*$/.exec(line);
    if (!match?.[1] || !match[2]) continue;
    const level = match[1].length;
    counters = [...counters.slice(0, level - 1), (counters[level - 1] ?? 0) + 1];
    const [first = 0, ...rest] = counters;
    sections.set([back ? String.fromCharCode(64 + first) : first, ...rest].join('.'), match[2]);
  }
  return sections;
}

/** Folder of RFC texts on this machine. */
function textFolder(): string {
  return process.env['MOX_RFC_TEXT'] ?? join(repository, '../shared/rfc-text');
}

/** The sections of an RFC whose text is on this machine; undefined where it is not. */
export function extractSections(number: number): Sections | undefined {
  const folder = textFolder();
  const [file] = globSync([`rfc${number}.txt`, `rfc${number}.txt.gz`, `drafts/rfc${number}*.{txt,md}`], { cwd: folder }).toSorted();
  if (file === undefined) return undefined;
  const bytes = readFileSync(join(folder, file));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').replaceAll('\r', '').replaceAll('\f', '\n');
  return file.endsWith('.md') ? sectionsOfMarkdown(text) : sectionsOfText(text);
}

/** Writes the section list of an RFC; false where its text is not at hand. */
export function writeSections(number: number): boolean {
  const sections = extractSections(number);
  if (sections === undefined || sections.size === 0) return false;
  mkdirSync(join(repository, 'rfc/sections'), { recursive: true });
  const text = [...sections].map(([section, title]) => `${section}\t${title}\n`).join('');
  const file = join(repository, `rfc/sections/${number}.txt`);
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
  return true;
}

if (import.meta.main) {
  let numbers = process.argv.slice(2).map(Number);
  if (numbers.length === 0) {
    const { collectCitations } = await import('./rfc-citations.ts');
    numbers = [...new Set(collectCitations().map((citation) => citation.number))].toSorted((a, b) => a - b);
  }
  const missing = numbers.filter((number) => !writeSections(number));
  console.log(`rfc-sections: ${numbers.length - missing.length} lists written`);
  if (missing.length > 0) console.log(`no text at ${textFolder()} for RFC ${missing.join(', ')}`);
}

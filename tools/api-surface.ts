// The public surface of a package as text: what its entry points export, from the declarations that tsc emits,
// without comments, in the order of the names. Small enough to be read in a diff.
import { dirname, join } from 'node:path';
import { scan, type Token } from './source-scan.ts';

/** One statement of a declaration file. */
interface Statement {
  /** Names it declares; none for imports and re-exports. */
  readonly name: string | undefined;
  readonly exported: boolean;
  /** The statement without comments. */
  readonly text: string;
  /** For `export … from`: the file, and the names by the name they get; undefined for all. */
  readonly from?: string;
  readonly names?: ReadonlyMap<string, string>;
}

const declarators = new Set(['function', 'const', 'let', 'var', 'class', 'interface', 'type', 'namespace', 'enum']);
const bodied = new Set(['class', 'interface', 'namespace', 'enum']);

/** Cuts tokens into top-level statements: at `;`, or behind the body of a class or an interface. */
function* splitStatements(tokens: readonly Token[]): Generator<Token[]> {
  let current: Token[] = [];
  let depth = 0;
  for (const token of tokens) {
    // A type parameter may have braces of its own: `interface Box<T extends { … }> { … }`. The head of an arrow is no bracket.
    const arrow = token.text === '>' && current.at(-1)?.text === '=';
    current.push(token);
    if (['{', '(', '[', '<'].includes(token.text)) depth++;
    if (['}', ')', ']', '>'].includes(token.text) && !arrow) depth--;
    const words = current.slice(0, 4).map((one) => one.text);
    const ends = token.text === ';' || (token.text === '}' && words.some((word) => bodied.has(word)) && !words.includes('='));
    if (depth === 0 && ends) {
      yield current;
      current = [];
    }
  }
  if (current.length > 0) yield current;
}

/** The text of a statement without its comments, blank lines gone, indented by two. */
function printStatement(source: string, all: readonly Token[], statement: readonly Token[]): string {
  const start = statement[0]?.offset ?? 0;
  const last = statement.at(-1);
  const end = last ? last.offset + last.text.length : start;
  let text = '';
  let at = start;
  for (const token of all) {
    if (token.kind !== 'comment' || token.offset < start || token.offset >= end) continue;
    text += source.slice(at, token.offset);
    at = token.offset + token.text.length;
  }
  text += source.slice(at, end);
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && line.trim() !== '#private;')
    .map((line) => line.replace(/^( {4})+/, (indent) => ' '.repeat(indent.length / 2)))
    .join('\n')
    .replace(/^export (declare )?/, '')
    .replace(/^default /, 'export default ')
    .replace(/(['"])(\.{1,2}\/[^'"]*)\.js\1/g, '$1$2.ts$1');
}

/** Names of `{ a, type B as C }`, local name by exported name. */
function exportedNames(tokens: readonly Token[]): Map<string, string> {
  const inside = tokens.slice(
    tokens.findIndex((token) => token.text === '{') + 1,
    tokens.findIndex((token) => token.text === '}'),
  );
  const names = new Map<string, string>();
  for (const item of inside
    .map((token) => token.text)
    .join(' ')
    .split(',')) {
    const words = item
      .trim()
      .split(' ')
      .filter((word) => word !== '');
    if (words.length > 1 && words[0] === 'type' && words[1] !== 'as') words.shift();
    const [local, , outer] = words;
    if (local) names.set(outer ?? local, local);
  }
  return names;
}

function parseStatement(source: string, all: readonly Token[], tokens: readonly Token[]): Statement {
  const words = tokens.map((token) => token.text);
  const exported = words[0] === 'export';
  const text = printStatement(source, all, tokens);
  const isList = exported && ['{', '*'].includes(words[1] === 'type' ? (words[2] ?? '') : (words[1] ?? ''));
  if (isList) {
    const at = words.indexOf('from');
    const from = at > 0 ? words[at + 1]?.slice(1, -1) : undefined;
    const names = words.includes('{') ? exportedNames(tokens) : undefined;
    return { name: undefined, exported, text, ...(from !== undefined && { from }), ...(names && { names }) };
  }
  const at = words.findIndex((word) => declarators.has(word));
  return { name: at >= 0 ? words[at + 1] : undefined, exported, text };
}

/** Reads the statements of a declaration file. */
export function parseDeclarations(source: string): Statement[] {
  const all = scan(source);
  const tokens = all.filter((token) => token.kind !== 'comment');
  return [...splitStatements(tokens)].map((statement) => parseStatement(source, all, statement));
}

/** Reads a declaration file by its path; undefined where there is none. */
export type ReadDeclarations = (file: string) => string | undefined;

/** The exports of a declaration file by name, each with its declarations (several for overloads). */
export function exportsOf(file: string, read: ReadDeclarations, seen: ReadonlySet<string> = new Set()): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const source = read(file);
  if (source === undefined || seen.has(file)) return found;
  const statements = parseDeclarations(source);
  const declared = (name: string): string[] => statements.filter((one) => one.name === name).map((one) => one.text);
  for (const statement of statements.filter((one) => one.exported)) {
    if (statement.name !== undefined) found.set(statement.name, declared(statement.name));
    if (statement.names === undefined && statement.from === undefined) continue;
    const outer = statement.from?.startsWith('.')
      ? exportsOf(join(dirname(file), statement.from.replace(/\.[jt]s$/, '.d.ts')), read, new Set([...seen, file]))
      : undefined;
    if (statement.names === undefined) for (const [name, texts] of outer ?? []) found.set(name, texts);
    for (const [name, local] of statement.names ?? []) {
      const texts = statement.from === undefined ? declared(local) : (outer?.get(local) ?? []);
      const renamed = name === local ? texts : [`// exported as ${name}`, ...texts];
      found.set(name, texts.length > 0 ? renamed : [`${name} // from ${statement.from ?? 'an import'}`]);
    }
  }
  return found;
}

/** The surface of entry points (`.`, `./testing`), each a declaration file, as the text of api.txt. */
export function formatSurface(name: string, entries: ReadonlyMap<string, string>, read: ReadDeclarations): string {
  const parts = [...entries].map(([entry, file]) => {
    const exported = [...exportsOf(file, read)].toSorted(([a], [b]) => (a.toLowerCase() + a < b.toLowerCase() + b ? -1 : 1));
    const lines = exported.flatMap(([, texts]) => texts);
    return `# ${name}${entry.slice(1)}\n\n${lines.length > 0 ? lines.join('\n\n') : '(nothing)'}\n`;
  });
  return parts.join('\n');
}

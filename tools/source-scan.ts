// A scanner of TypeScript sources: tokens, imports, comments. It knows strings, templates, comments and
// regular expressions, and nothing of grammar: enough to tell what a file imports and names.

/** A token. `text` is the source text; of strings `value` is what stands between the quotes. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'template' | 'regex' | 'comment' | 'punctuation';
  readonly text: string;
  readonly offset: number;
}

/** Words after which a slash starts a regular expression, not a division. */
const wordsBeforeExpression = new Set(
  'return typeof case in of instanceof new delete void throw await yield else do extends default'.split(' '),
);

const nameStart = /[\p{ID_Start}$_#@]/u;
const nameRun = /[\p{ID_Continue}$\u200c\u200d]*/uy;
const numberRun = /[\w.]+/y;
const lineComment = /\/\/[^\n]*/y;
const punctuation = /\?\.(?!\d)|=>|\.\.\.|[^]/y;

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

function endOfString(text: string, at: number): number {
  const quote = text[at];
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quote || text[i] === '\n') return i + 1;
  }
  return text.length;
}

function endOfRegex(text: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < text.length; i++) {
    const c = text[i];
    if (c === '\\') i++;
    else if (c === '\n') return i;
    else if (c === '[') inClass = true;
    else if (c === ']') inClass = false;
    else if (c === '/' && !inClass) return i + 1 + match(/\w*/y, text, i + 1);
  }
  return text.length;
}

/** Where the text part of a template ends: after the closing backtick, or after `${`. */
function endOfTemplatePart(text: string, at: number): { end: number; opens: boolean } {
  for (let i = at; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '`') return { end: i + 1, opens: false };
    else if (text[i] === '$' && text[i + 1] === '{') return { end: i + 2, opens: true };
  }
  return { end: text.length, opens: false };
}

function startsRegex(previous: Token | undefined): boolean {
  if (!previous) return true;
  if (previous.kind === 'name') return wordsBeforeExpression.has(previous.text);
  return previous.kind === 'punctuation' && previous.text !== ')' && previous.text !== ']';
}

/** All tokens of a source text, comments among them, in order. Never throws: what is no TypeScript gives odd tokens. */
export function scan(text: string): Token[] {
  const tokens: Token[] = [];
  /** For each template whose `${` is open, how many braces are open inside it. */
  const templates: number[] = [];
  let previous: Token | undefined;
  let at = 0;
  const push = (kind: Token['kind'], end: number): void => {
    const token: Token = { kind, text: text.slice(at, end), offset: at };
    tokens.push(token);
    if (kind !== 'comment') previous = token;
    at = end;
  };
  const templatePart = (from: number): void => {
    const { end, opens } = endOfTemplatePart(text, from);
    if (opens) templates.push(0);
    push('template', end);
  };
  while (at < text.length) {
    const c = text[at] ?? '';
    if (/\s/.test(c)) at++;
    else if (text.startsWith('//', at)) push('comment', at + match(lineComment, text, at));
    else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      push('comment', end < 0 ? text.length : end + 2);
    } else if (c === '"' || c === "'") push('string', endOfString(text, at));
    else if (c === '`') templatePart(at + 1);
    else if (c === '}' && templates.at(-1) === 0) {
      templates.pop();
      templatePart(at + 1);
    } else if (nameStart.test(c)) push('name', at + 1 + match(nameRun, text, at + 1));
    else if (/[0-9]/.test(c)) push('number', at + match(numberRun, text, at));
    else if (c === '/' && startsRegex(previous)) push('regex', endOfRegex(text, at));
    else {
      const depth = templates.length - 1;
      if (depth >= 0 && c === '{') templates[depth] = (templates[depth] ?? 0) + 1;
      if (depth >= 0 && c === '}') templates[depth] = (templates[depth] ?? 0) - 1;
      push('punctuation', at + match(punctuation, text, at));
    }
  }
  return tokens;
}

/** One import, re-export, `import()` or `require()` of a file. */
export interface Import {
  readonly specifier: string;
  /** Whether only types are taken: the built file does not load the other because of it. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

function unquoted(token: Token): string {
  return token.text.slice(1, -1);
}

/** Whether the names between an `import`/`export` and its `from` are types, each and all. */
function namesOnlyTypes(clause: readonly Token[]): boolean {
  const words = clause.map((token) => token.text);
  if (words[0] === 'type' && words[1] !== undefined && words[1] !== ',') return true;
  if (words[0] !== '{') return false;
  const names = words
    .slice(1, -1)
    .join(' ')
    .split(',')
    .map((name) => name.trim());
  return names.every((name) => name === '' || /^type \S/.test(name)) && names.some((name) => name !== '');
}

/** Index of the `from` string that ends the import or export clause that starts at `at`; -1 where it is none. */
function clauseEnd(tokens: readonly Token[], at: number): number {
  let depth = 0;
  for (let i = at; i < tokens.length && i < at + 2000; i++) {
    const token = tokens[i];
    if (token?.text === '{') depth++;
    else if (token?.text === '}') depth--;
    else if (depth === 0 && token?.text === 'from' && tokens[i + 1]?.kind === 'string') return i + 1;
    else if (depth === 0 && token?.kind !== 'name' && token?.text !== '*' && token?.text !== ',') return -1;
    else if (depth > 0 && token?.kind !== 'name' && token?.kind !== 'string' && token?.text !== ',') return -1;
  }
  return -1;
}

/** Everything that a source imports, in order. */
export function importsOf(text: string): Import[] {
  const tokens = scan(text).filter((token) => token.kind !== 'comment');
  const imports: Import[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'name' || tokens[i - 1]?.text === '.' || tokens[i - 1]?.text === '?.') continue;
    const add = (from: Token | undefined, typeOnly: boolean): void => {
      if (from) imports.push({ specifier: unquoted(from), typeOnly, line: lineAt(text, token.offset) });
    };
    const next = tokens[i + 1];
    if ((token.text === 'import' || token.text === 'require') && next?.text === '(' && tokens[i + 2]?.kind === 'string') {
      // `import('x').Name` is a type where a type stands, a load elsewhere; only the load follows await, =, =>, return or ( .
      const inType = token.text === 'import' && [':', '<', '|', '&', 'typeof'].includes(tokens[i - 1]?.text ?? '');
      add(tokens[i + 2], inType);
    } else if (token.text === 'import' && next?.kind === 'string') add(next, false);
    else if (token.text === 'import' || token.text === 'export') {
      const end = clauseEnd(tokens, i + 1);
      if (end > 0) add(tokens[end], namesOnlyTypes(tokens.slice(i + 1, end - 1)));
    }
  }
  return imports;
}

// What belongs to one platform, or is a clock, randomness or the outside world: nothing below layer 4 names it.
import { builtinModules } from 'node:module';
import { lineAt, scan, type Token } from './source-scan.ts';

const globals = new Set([
  ...['Buffer', 'process', 'global', '__dirname', '__filename', 'require', 'setImmediate', 'clearImmediate'],
  ...['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'requestAnimationFrame', 'requestIdleCallback'],
  ...['console', 'fetch', 'performance', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'Worker', 'SharedWorker'],
  ...['window', 'document', 'navigator', 'localStorage', 'sessionStorage', 'indexedDB', 'alert'],
]);

/** Members that read a clock or a generator, by the global they belong to. */
const members: ReadonlyMap<string, readonly string[]> = new Map([
  ['Date', ['now']],
  ['Math', ['random']],
  ['AbortSignal', ['timeout']],
]);

/** A thing named that should not be. */
export interface Offence {
  readonly what: string;
  readonly line: number;
}

/** Whether a module specifier is one of Node's own modules. */
export function isNodeModule(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

/**
 * Names that this file declares by itself: after `const`, `function`, `import` and the like, or as a parameter
 * or property with a type. They are not the platform's.
 */
function declaredNames(tokens: readonly Token[]): Set<string> {
  const declared = new Set<string>();
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'name' || !globals.has(token.text)) continue;
    const before = tokens[i - 1]?.text ?? '';
    const after = tokens[i + 1]?.text ?? '';
    if (['const', 'let', 'var', 'function', 'class', 'as', 'readonly'].includes(before)) declared.add(token.text);
    // a parameter `(fetch: Fetch` or a member of a destructured parameter `{ fetch, ...`
    else if (['(', ',', '{'].includes(before) && (after === ':' || (after === '?' && tokens[i + 2]?.text === ':')))
      declared.add(token.text);
    else if (['{', ','].includes(before) && [',', '}', '='].includes(after) && isDestructured(tokens, i)) declared.add(token.text);
  }
  return declared;
}

/** Whether the braces around a name are a pattern (`{ a } =`, `{ a }: T`, `{ a })`), not an object. */
function isDestructured(tokens: readonly Token[], at: number): boolean {
  let depth = 0;
  for (let i = at; i < tokens.length; i++) {
    const text = tokens[i]?.text;
    if (text === '{') depth++;
    if (text === '}' && depth-- === 0) return ['=', ':', 'from'].includes(tokens[i + 1]?.text ?? '');
  }
  return false;
}

/** A method `fetch(url) {` of a class, an object or an interface, or a property key `process: 1`. */
function isMember(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.text ?? '';
  const after = tokens[at + 1]?.text ?? '';
  if (before === '.' || before === '?.') return tokens[at - 2]?.text !== 'globalThis';
  if (after === ':' || (after === '?' && tokens[at + 2]?.text === ':')) return ['{', ',', ';', 'readonly', '('].includes(before);
  if (after !== '(' && after !== '?' && after !== '<') return false;
  let depth = 0;
  for (let i = at + 1; i < tokens.length; i++) {
    if (tokens[i]?.text === '(') depth++;
    if (tokens[i]?.text === ')' && --depth === 0) {
      const follows = tokens[i + 1]?.text;
      return ['{', '}', ';', ',', 'async', 'readonly'].includes(before) && (follows === '{' || follows === ':');
    }
  }
  return false;
}

/** What a source names of the platform, each occurrence. */
export function platformGlobals(text: string): Offence[] {
  const tokens = scan(text).filter((token) => token.kind !== 'comment');
  const declared = declaredNames(tokens);
  const offences: Offence[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'name') continue;
    const report = (what: string): void => void offences.push({ what, line: lineAt(text, token.offset) });
    const member = tokens[i + 2]?.text ?? '';
    if (globals.has(token.text)) {
      if (!declared.has(token.text) && !isMember(tokens, i)) report(token.text);
    } else if (tokens[i - 1]?.text === '.') continue;
    else if (members.get(token.text)?.includes(member) && tokens[i + 1]?.text === '.') report(`${token.text}.${member}`);
    else if (token.text === 'Date' && tokens[i - 1]?.text === 'new' && (tokens[i + 1]?.text !== '(' || member === ')'))
      report('new Date()');
    else if (token.text === 'Date' && tokens[i - 1]?.text !== 'new' && tokens[i + 1]?.text === '(') report('Date()');
  }
  return offences;
}

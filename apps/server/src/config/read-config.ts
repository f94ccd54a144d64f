import { isMap, isScalar, LineCounter, type Node, parseDocument, type Document as YamlDocument } from 'yaml';
import type * as z from 'zod';
import { nearest } from '../cli/nearest.ts';
import { type Config, configSchema } from './schema.ts';

/** Something wrong in a configuration file. */
export interface ConfigProblem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

/** A configuration, or everything that is wrong with it. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

interface Source {
  readonly document: YamlDocument;
  readonly lines: LineCounter;
}

/** Where a value is; for one that is missing, where what should hold it is. */
function position({ document, lines }: Source, path: readonly PropertyKey[]): { line: number; column: number } {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const offset = (node as Node | null | undefined)?.range?.[0];
    if (offset !== undefined) return at(lines, offset);
  }
  return { line: 1, column: 1 };
}

function at(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function keyPosition(source: Source, path: readonly PropertyKey[], key: string): { line: number; column: number } {
  const map = path.length === 0 ? source.document.contents : source.document.getIn(path, true);
  const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
  const offset = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  return offset === undefined ? position(source, path) : at(source.lines, offset);
}

/** Names that are known at a place of the schema. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configSchema;
  for (const step of ['', ...path]) {
    if (step !== '') schema = (schema as { shape?: Record<PropertyKey, unknown> }).shape?.[step];
    while (schema && typeof schema === 'object' && 'unwrap' in schema && typeof schema.unwrap === 'function') schema = schema.unwrap();
  }
  return Object.keys((schema as { shape?: object } | undefined)?.shape ?? {});
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

function problemsOf(issue: z.core.$ZodIssue, source: Source): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      return {
        ...keyPosition(source, issue.path, key),
        message: `unknown setting: ${dotted([...issue.path, key])}`,
        remedy: meant ? `did you mean ${meant}?` : `known here: ${known.join(', ')}`,
      };
    });
  }
  if (issue.code === 'invalid_type' && issue.path.length === 0) {
    return [
      {
        line: 1,
        column: 1,
        message: 'no settings in it',
        remedy: 'write them as "name: value"; the first mox localserve writes a file to start from',
      },
    ];
  }
  const missing = issue.code === 'invalid_type' && source.document.getIn(issue.path, true) === undefined;
  const name = dotted(issue.path) || 'the file';
  const message = missing ? `missing setting: ${name}` : `${name}: ${issue.message.replace(/^Invalid input: /, '')}`;
  const remedy = missing ? `add it: ${issue.message.replace(/^Invalid input: /, '').replace(/, received.*/, '')}` : 'change the value';
  return [{ ...position(source, issue.path), message, remedy }];
}

/** Reads the text of a configuration file. Everything wrong with it is told at once, with its place and what to do. */
export function readConfig(text: string): ConfigResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return {
      ok: false,
      problems: document.errors.map((error) => ({
        ...at(lines, error.pos[0]),
        message: `not YAML: ${error.message}`,
        remedy: 'mend the line; values with : or # in them want quotes',
      })),
    };
  }
  const parsed = configSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (parsed.success) return { ok: true, config: parsed.data };
  return { ok: false, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, { document, lines })) };
}

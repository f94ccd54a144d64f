import { parseDomain } from '@mox/idna';
import { isWhitespace, ok, parseError, type Result } from '@mox/syntax';

/** How a policy wants to be applied (RFC 8461 §5). */
export type MtaStsMode = 'enforce' | 'testing' | 'none';

/** An MTA-STS policy (RFC 8461 §3.2), read. */
export interface MtaStsPolicy {
  readonly mode: MtaStsMode;
  /** Patterns of MX hosts in A-labels, lower case; `*.` stands for one label. */
  readonly mx: readonly string[];
  readonly maxAgeSeconds: number;
  /** Fields that RFC 8461 does not know, in order. */
  readonly extensions: readonly (readonly [name: string, value: string])[];
}

/** Longest life of a policy (RFC 8461 §3.2): about a year. */
export const longestMaxAgeSeconds = 31_557_600;
/** Most patterns that are read. */
const mostPatterns = 1000;

const fieldPattern = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*(.*)$/;
const valuePattern = /^[\x21-\x7e\u0080-\u{10ffff}](?:[\x20-\x7e\u0080-\u{10ffff}]*[\x21-\x7e\u0080-\u{10ffff}])?$/u;

interface Fields {
  readonly first: Map<string, { readonly value: string; readonly offset: number }>;
  readonly mx: string[];
  readonly extensions: (readonly [string, string])[];
}

const knownFields: ReadonlySet<string> = new Set(['version', 'mode', 'max_age']);

function readField(line: string, offset: number, fields: Fields): string | undefined {
  const match = fieldPattern.exec(line);
  const [, name = '', value = ''] = match ?? [];
  if (!match || !valuePattern.test(value)) return 'a line that is no field';
  if (name === 'mx') {
    const pattern = parsePattern(value);
    if (pattern === undefined) return `"${value}" is no pattern of an MX host`;
    if (fields.mx.length >= mostPatterns) return `more than ${mostPatterns} MX patterns`;
    fields.mx.push(pattern);
  } else if (!knownFields.has(name)) fields.extensions.push([name, value]);
  // Of a field that stands twice the first counts.
  else if (!fields.first.has(name)) fields.first.set(name, { value, offset });
  return undefined;
}

function parsePattern(text: string): string | undefined {
  const wildcard = text.startsWith('*.') ? '*.' : '';
  // deviates RFC 8461 §3.2: a dot at the end is let through, as zones have it.
  const domain = parseDomain(text.slice(wildcard.length), { trailingDot: true });
  return domain.ok ? wildcard + domain.value.ascii : undefined;
}

/** A line without the spaces and tabs at its end (RFC 8461 §3.2); of other white space there may be none. */
function withoutBlanks(text: string, start: number, end: number): string {
  let last = end;
  while (last > start && isWhitespace(text.charCodeAt(last - 1))) last--;
  return text.slice(start, last);
}

function isMode(text: string): text is MtaStsMode {
  return text === 'enforce' || text === 'testing' || text === 'none';
}

/** Reads the body of a policy resource (RFC 8461 §3.2). Offsets of errors are those of lines, in UTF-16 units. */
export function parseMtaStsPolicy(text: string): Result<MtaStsPolicy> {
  const fields: Fields = { first: new Map(), mx: [], extensions: [] };
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf('\n', at);
    const end = lineEnd < 0 ? text.length : lineEnd;
    const line = withoutBlanks(text, at, lineEnd > at && text.charCodeAt(lineEnd - 1) === 0x0d ? lineEnd - 1 : end);
    // deviates RFC 8461 §3.2: empty lines are let through, many policies end with some.
    const problem = line === '' ? undefined : readField(line, at, fields);
    if (problem !== undefined) return parseError(at, problem);
    at = end + 1;
  }
  const version = fields.first.get('version');
  const mode = fields.first.get('mode');
  const maxAge = fields.first.get('max_age');
  if (version?.value !== 'STSv1') return parseError(version?.offset ?? 0, 'field "version" must be "STSv1"');
  if (!mode || !isMode(mode.value)) return parseError(mode?.offset ?? text.length, 'field "mode" must be "enforce", "testing" or "none"');
  if (!maxAge || !/^\d{1,10}$/.test(maxAge.value))
    return parseError(maxAge?.offset ?? text.length, 'field "max_age" must be a number of at most 10 digits');
  if (fields.mx.length === 0 && mode.value !== 'none') return parseError(text.length, 'field "mx" is missing');
  const maxAgeSeconds = Math.min(Number(maxAge.value), longestMaxAgeSeconds);
  return ok({ mode: mode.value, mx: fields.mx, maxAgeSeconds, extensions: fields.extensions });
}

/** Writes the body of a policy resource, with CRLF line ends (RFC 8461 §3.2). */
export function formatMtaStsPolicy(policy: MtaStsPolicy): string {
  return [
    'version: STSv1',
    `mode: ${policy.mode}`,
    ...policy.mx.map((pattern) => `mx: ${pattern}`),
    `max_age: ${policy.maxAgeSeconds}`,
    ...policy.extensions.map(([name, value]) => `${name}: ${value}`),
    '',
  ].join('\r\n');
}

/** Whether an MX host is one that the policy allows (RFC 8461 §4.1). The host is given as A-labels; a dot at its end is ignored. */
export function matchesMx(policy: MtaStsPolicy, host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  const dot = name.indexOf('.');
  const wildcard = dot > 0 ? `*${name.slice(dot)}` : undefined;
  return policy.mx.some((pattern) => pattern === name || pattern === wildcard);
}

import { concatBytes, fromLatin1 } from '@mox/runtime';
import type { Result } from '@mox/syntax';
import { decodeBody } from './decode-body.ts';
import { type HeaderField, readHeaderSection } from './header-field.ts';
import { findParameter } from './parameters.ts';
import type { Part } from './part.ts';
import { parseStructure } from './structure.ts';

/** Which fragment of which message a message is (RFC 2046 §5.2.2). */
export interface PartialFragment {
  /** What all fragments of a message have in common. */
  readonly id: string;
  /** The first is 1. */
  readonly number: number;
  /** How many there are: the last fragment says it, and any other may. */
  readonly total?: number;
}

/** Why fragments are no message yet, or never will be. */
export interface PartialError {
  readonly message: string;
  /** Numbers of the fragments that are still to come, as far as that is known; the first hundred. */
  readonly missing: readonly number[];
}

const mostFragments = 10_000;
const mostMissing = 100;

function countParameter(part: Pick<Part, 'parameters'>, name: string): number | undefined {
  const value = findParameter(part.parameters, name)?.trim();
  if (value === undefined || !/^\d{1,5}$/.test(value)) return undefined;
  const count = Number(value);
  return count > 0 && count <= mostFragments ? count : undefined;
}

/** Reads what a `message/partial` says of itself; undefined for any other part, and where it says too little or more than 10,000. */
export function readPartialFragment(part: Pick<Part, 'type' | 'subtype' | 'parameters'>): PartialFragment | undefined {
  if (part.type !== 'message' || part.subtype !== 'partial') return undefined;
  const id = findParameter(part.parameters, 'id');
  const number = countParameter(part, 'number');
  const total = countParameter(part, 'total');
  if (!id || number === undefined) return undefined;
  return total === undefined ? { id, number } : { id, number, total };
}

interface Fragment extends PartialFragment {
  readonly bytes: Uint8Array;
  readonly part: Part;
}

function fail(message: string, missing: readonly number[] = []): { readonly ok: false; readonly error: PartialError } {
  return { ok: false, error: { message, missing } };
}

/** The fragments by number, each once: what comes a second time is the same again. */
function sortFragments(messages: readonly Uint8Array[]): Result<ReadonlyMap<number, Fragment>, PartialError> {
  const fragments = new Map<number, Fragment>();
  let id: string | undefined;
  for (const bytes of messages) {
    const { part } = parseStructure(bytes);
    const facts = readPartialFragment(part);
    if (!facts) return fail('a message that is no fragment of another');
    if (id !== undefined && facts.id !== id) return fail(`fragments of two messages: "${id}" and "${facts.id}"`);
    id = facts.id;
    if (!fragments.has(facts.number)) fragments.set(facts.number, { ...facts, bytes, part });
  }
  return { ok: true, value: fragments };
}

function findMissing(fragments: ReadonlyMap<number, Fragment>): PartialError | undefined {
  const totals = new Set([...fragments.values()].flatMap(({ total }) => (total === undefined ? [] : [total])));
  const [total] = totals;
  if (totals.size > 1) return { message: `the fragments do not agree how many they are: ${[...totals].join(', ')}`, missing: [] };
  const highest = Math.max(0, ...fragments.keys());
  if (total !== undefined && highest > total) return { message: `fragment ${highest} of ${total}`, missing: [] };
  const missing: number[] = [];
  for (let number = 1; number <= (total ?? highest) && missing.length < mostMissing; number++)
    if (!fragments.has(number)) missing.push(number);
  if (missing.length > 0) return { message: `fragments are missing: ${missing.join(', ')}`, missing };
  return total === undefined ? { message: 'the last fragment is missing', missing: [highest + 1] } : undefined;
}

/** RFC 2046 §5.2.2.1 rule 3 and RFC 8098 §2.4: the fields that the enclosed message brings; rule 2 takes all others from the enclosing one. */
const enclosedNames: readonly string[] = [
  ...['subject', 'message-id', 'encrypted', 'mime-version'],
  ...['disposition-notification-to', 'disposition-notification-options', 'original-recipient'],
];

function isOfEnclosed({ nameLower }: HeaderField): boolean {
  return nameLower.startsWith('content-') || enclosedNames.includes(nameLower);
}

const crlf = /* @__PURE__ */ fromLatin1('\r\n');

/** Fragments end where lines do (RFC 2046 §5.2.2.1 rule 1): a line end that was lost on the way is put back. */
function endLine(body: Uint8Array): Uint8Array {
  return body.length === 0 || body.at(-1) === 10 ? body : concatBytes([body, crlf]);
}

/**
 * Puts the fragments of a message together (RFC 2046 §5.2.2.1), in whatever order they are given, whole messages each. What comes out
 * may be a fragment itself. Whoever decides about a message by its content, as a filter for viruses does, must look at what comes out.
 */
export function joinPartialMessages(messages: readonly Uint8Array[]): Result<Uint8Array, PartialError> {
  const sorted = sortFragments(messages);
  if (!sorted.ok) return sorted;
  const fragments = sorted.value;
  const error = findMissing(fragments);
  if (error) return { ok: false, error };
  const first = fragments.get(1);
  if (!first) return fail('no fragments');
  const bodies: Uint8Array[] = [];
  for (let number = 1; number <= fragments.size; number++) {
    const fragment = fragments.get(number);
    if (fragment) bodies.push(decodeBody(fragment.part, fragment.bytes));
  }
  const enclosed = concatBytes(bodies.map((body, i) => (i === bodies.length - 1 ? body : endLine(body))));
  const outer = readHeaderSection(first.bytes);
  const inner = readHeaderSection(enclosed);
  return {
    ok: true,
    value: concatBytes([
      ...outer.fields.filter((field) => !isOfEnclosed(field)).map(({ start, end }) => first.bytes.subarray(start, end)),
      ...inner.fields.filter(isOfEnclosed).map(({ start, end }) => endLine(enclosed.subarray(start, end))),
      crlf,
      enclosed.subarray(inner.bodyStart),
    ]),
  };
}

import {
  fieldValue,
  type HeaderFields,
  type MessageSignatureTags,
  parseFieldTags,
  parseMessageSignatureTags,
  parseSigningTags,
  parseTagList,
  type RawField,
  type SigningTags,
  type TagList,
} from '@mox/dkim';
import { type AuthenticationResults, parseAuthenticationResults } from '@mox/message-format';
import { ok, parseError, type Result } from '@mox/syntax';
import { skipCfws } from './cfws.ts';

/** Chain Validation Status (RFC 8617 §4.4). */
export type ArcStatus = 'none' | 'pass' | 'fail';

/** An ARC-Seal field, read (RFC 8617 §4.1.3). */
export interface ArcSeal extends SigningTags {
  /** The tag `cv`: what the sealer made of the chain it found. */
  readonly chainValidation: ArcStatus;
}

/** The three fields of one custodian (RFC 8617 §4.2), read. */
export interface ArcSet {
  /** 1 to 50. */
  readonly instance: number;
  readonly seal: ArcSeal;
  /** Absent where it cannot be read: only the newest set's must be right. */
  readonly messageSignature?: MessageSignatureTags;
  /** Why the message signature cannot be read. */
  readonly messageSignatureProblem?: string;
  /** Whether the message signature does not say how it was canonicalized. */
  readonly defaultCanonicalization: boolean;
  /** What the custodian found; absent where it cannot be read, which breaks nothing. */
  readonly authenticationResults?: AuthenticationResults;
  /** The fields as they stand. */
  readonly fields: ArcFields;
}

/** The raw fields of a set. */
export interface ArcFields {
  readonly seal: RawField;
  readonly messageSignature: RawField;
  readonly authenticationResults: RawField;
}

/** Most sets of a message (RFC 8617 §4.2.1). */
export const mostArcSets = 50;

function toInstance(digits: string | undefined): number | undefined {
  if (digits === undefined || !/^\d{1,2}$/.test(digits)) return undefined;
  const instance = Number(digits);
  return instance >= 1 && instance <= mostArcSets ? instance : undefined;
}

/** A value without the white space and comments around it (CFWS, RFC 8617 §3.9). */
function withoutCfws(value: string | undefined): string | undefined {
  if (!value?.includes('(')) return value;
  const start = skipCfws(value, 0);
  const end = value.slice(start).search(/[ \t\r\n(]/);
  const length = end < 0 ? value.length : start + end;
  return skipCfws(value, length) === value.length ? value.slice(start, length) : value;
}

/** An instance and what stands behind its semicolon. */
interface LeadingInstance {
  readonly instance: number;
  readonly rest: string;
}

/** The instance that ARC-Authentication-Results begins with: `[CFWS] "i" [CFWS] "=" [CFWS] position [CFWS] ";"` (RFC 8617 §3.9, §4.1.1). */
function readLeadingInstance(value: string): LeadingInstance | undefined {
  const name = skipCfws(value, 0);
  const equals = skipCfws(value, name + 1);
  if (value[name] !== 'i' || value[equals] !== '=') return undefined;
  const start = skipCfws(value, equals + 1);
  const digits = /^\d*/.exec(value.slice(start, start + 3))?.[0] ?? '';
  const end = skipCfws(value, start + digits.length);
  const instance = toInstance(digits);
  return instance !== undefined && value[end] === ';' ? { instance, rest: value.slice(end + 1) } : undefined;
}

/** A field with its tags and its instance. */
interface Tagged {
  readonly field: RawField;
  readonly tags: TagList;
  readonly instance: number;
}

/** The tags of a field: with comments around an instance that stands first (RFC 8617 §3.9), or with the instance anywhere. */
function readTagList(field: RawField): Result<TagList> {
  const value = fieldValue(field);
  const leading = value.includes('(') ? readLeadingInstance(value) : undefined;
  return leading ? parseTagList(`i=${leading.instance};${leading.rest}`) : parseFieldTags(field);
}

function readTags(field: RawField, name: string): Result<Tagged> {
  const tags = readTagList(field);
  if (!tags.ok) return parseError(0, `${name}: ${tags.error.message}`);
  const instance = toInstance(withoutCfws(tags.value.get('i')));
  if (instance === undefined) return parseError(0, `${name}: tag "i" is not an instance`);
  return ok({ field, tags: tags.value, instance });
}

/** The tag `cv`, whose words are of either case as RFC 8617 §3.9 has them. */
function chainValidationOf(tags: TagList): string | undefined {
  return withoutCfws(tags.get('cv'))?.toLowerCase();
}

function readSeal({ tags, instance }: Tagged): Result<ArcSeal> {
  if (tags.has('h')) return parseError(0, `ARC-Seal ${instance}: tag "h" is not allowed`);
  const signing = parseSigningTags(tags);
  if (!signing.ok) return parseError(0, `ARC-Seal ${instance}: ${signing.error.message}`);
  const chainValidation = chainValidationOf(tags);
  if (chainValidation !== 'none' && chainValidation !== 'pass' && chainValidation !== 'fail') {
    return parseError(0, `ARC-Seal ${instance}: tag "cv" is neither none, pass nor fail`);
  }
  return ok({ ...signing.value, chainValidation });
}

const arcNames: ReadonlySet<string> = new Set(['arc-seal', 'arc-message-signature', 'arc-authentication-results']);

// deviates RFC 8617 §4.1.2: the From field need not be signed; ARC's own test suite wants a chain to hold whose tag `h` is empty.
function readMessageSignature({ tags, instance }: Tagged): Result<MessageSignatureTags> {
  const signature = parseMessageSignatureTags(tags);
  if (!signature.ok) return parseError(0, `ARC-Message-Signature ${instance}: ${signature.error.message}`);
  const arcName = signature.value.headers.find((name) => name.toLowerCase() === 'arc-seal');
  if (arcName !== undefined) return parseError(0, `ARC-Message-Signature ${instance}: ${arcName} must not be signed`);
  return signature;
}

/** Files fields by instance: every instance at most once. */
function byInstance<T extends { readonly instance: number }>(name: string, items: readonly T[]): Result<ReadonlyMap<number, T>> {
  const map = new Map<number, T>();
  for (const item of items) {
    if (map.has(item.instance)) return parseError(0, `${name} ${item.instance} is there twice`);
    map.set(item.instance, item);
  }
  return ok(map);
}

function readAll(fields: readonly RawField[], name: string): Result<ReadonlyMap<number, Tagged>> {
  const tagged: Tagged[] = [];
  for (const field of fields) {
    const read = readTags(field, name);
    if (!read.ok) return read;
    tagged.push(read.value);
  }
  return byInstance(name, tagged);
}

interface Results {
  readonly field: RawField;
  readonly instance: number;
  readonly results?: AuthenticationResults;
}

function readResults(fields: readonly RawField[]): Result<ReadonlyMap<number, Results>> {
  const name = 'ARC-Authentication-Results';
  const all: Results[] = [];
  for (const field of fields) {
    const leading = readLeadingInstance(fieldValue(field));
    if (!leading) return parseError(0, `${name} does not begin with an instance`);
    const results = parseAuthenticationResults(leading.rest);
    all.push({ field, instance: leading.instance, ...(results.ok && { results: results.value }) });
  }
  return byInstance(name, all);
}

/** The status that the newest seal tells, whatever the state of the rest (RFC 8617 §5.2 step 2). */
export function newestChainValidation(fields: HeaderFields): { readonly instance: number; readonly chainValidation: string } | undefined {
  let newest: { instance: number; chainValidation: string } | undefined;
  for (const field of fields.named('arc-seal')) {
    const tags = readTags(field, 'ARC-Seal');
    if (!tags.ok || tags.value.instance <= (newest?.instance ?? 0)) continue;
    newest = { instance: tags.value.instance, chainValidation: chainValidationOf(tags.value.tags) ?? '' };
  }
  return newest;
}

/** Whether a message has any ARC field. */
export function hasArcFields(fields: HeaderFields): boolean {
  return [...arcNames].some((name) => fields.named(name).length > 0);
}

/** Whether there are more ARC fields of a name than there may be sets (RFC 8617 §5.2 step 1): they need not be read. */
export function hasTooManySets(fields: HeaderFields): boolean {
  return [...arcNames].some((name) => fields.named(name).length > mostArcSets);
}

/** The highest instance that any ARC field tells; 0 for none. For the seal of a broken chain. */
export function highestInstance(fields: HeaderFields): number {
  let highest = 0;
  for (const name of arcNames) {
    for (const field of fields.named(name)) {
      const digits = /(?:^|;)[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*(\d{1,2})(?!\d)/.exec(fieldValue(field))?.[1];
      highest = Math.max(highest, toInstance(digits) ?? 0);
    }
  }
  return highest;
}

/** Collects the sets of a message and checks their structure (RFC 8617 §5.2 steps 1 and 3): sets from 1 on, or what is wrong. */
export function readArcSets(fields: HeaderFields): Result<readonly ArcSet[]> {
  const seals = readAll(fields.named('arc-seal'), 'ARC-Seal');
  if (!seals.ok) return seals;
  const signatures = readAll(fields.named('arc-message-signature'), 'ARC-Message-Signature');
  if (!signatures.ok) return signatures;
  const results = readResults(fields.named('arc-authentication-results'));
  if (!results.ok) return results;
  const count = Math.max(seals.value.size, signatures.value.size, results.value.size);
  const sets: ArcSet[] = [];
  for (let instance = 1; instance <= count; instance++) {
    const seal = seals.value.get(instance);
    const signature = signatures.value.get(instance);
    const result = results.value.get(instance);
    if (!seal || !signature || !result) return parseError(0, `set ${instance} is not whole`);
    const set = readSet(seal, signature, result);
    if (!set.ok) return set;
    sets.push(set.value);
  }
  return ok(sets);
}

function readSet(sealField: Tagged, signatureField: Tagged, result: Results): Result<ArcSet> {
  const seal = readSeal(sealField);
  if (!seal.ok) return seal;
  const messageSignature = readMessageSignature(signatureField);
  const { instance } = sealField;
  const wanted = instance === 1 ? 'none' : 'pass';
  if (seal.value.chainValidation !== wanted)
    return parseError(0, `ARC-Seal ${instance} says cv=${seal.value.chainValidation}, not ${wanted}`);
  return ok({
    instance,
    seal: seal.value,
    // RFC 8617 §5.2 step 5: that of an older set need not hold.
    ...(messageSignature.ok ? { messageSignature: messageSignature.value } : { messageSignatureProblem: messageSignature.error.message }),
    defaultCanonicalization: !signatureField.tags.has('c'),
    ...(result.results && { authenticationResults: result.results }),
    fields: { seal: sealField.field, messageSignature: signatureField.field, authenticationResults: result.field },
  });
}

import { decodeEncodedWords } from '@mox/encoding';
import { findRoot } from './body-parts.ts';
import type { MessageStructure, Part } from './part.ts';

/** Where addresses stand that are to lead to parts. */
export interface PartReferences {
  /** The structure of the whole message. */
  readonly structure: Pick<MessageStructure, 'part' | 'envelope'>;
  /** The part of HTML that names the addresses: one of the structure's own. */
  readonly from: Part;
  /** The base that the HTML names itself by its element BASE; none unless given. */
  readonly base?: string;
}

/** RFC 2557 §5: what relative addresses are relative to where nothing else is said. */
const noBase = 'thismessage:/';

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An identifier without its angle brackets and white space. */
function bareId(id: string): string {
  return id.replace(/[\s<>]+/g, '');
}

/**
 * The identifiers that what stands behind `cid:` may mean, in the order in which they are looked for: percent signs undone (RFC 2392 §2), and
 * as it stands, as some senders write it.
 */
export function contentIdsOf(content: string): readonly string[] {
  const decoded = decodePercent(content);
  return decoded === content ? [content] : [decoded, content];
}

/** The parts from a message's root to one of its parts, outermost first; messages inside are entered. Undefined where it is not there. */
function pathTo(part: Part, wanted: Part): Part[] | undefined {
  if (part === wanted) return [part];
  for (const inner of part.parts ?? (part.message ? [part.message.part] : [])) {
    const path = pathTo(inner, wanted);
    if (path) return [part, ...path];
  }
  return undefined;
}

/** The parts right in a part, of alternatives the last first, as it is the one to be shown (RFC 2392 §2, RFC 2046 §5.1.4). */
function membersOf(part: Part): readonly Part[] {
  if (!part.parts) return part.message ? [part.message.part] : [];
  return part.subtype === 'alternative' ? part.parts.toReversed() : part.parts;
}

/** All parts in a part. */
function* walk(part: Part): Generator<Part> {
  for (const member of membersOf(part)) {
    yield member;
    yield* walk(member);
  }
}

function isRelated(part: Part): boolean {
  return part.parts !== undefined && part.subtype === 'related';
}

/** Puts the first of a key into a map. */
function addFirst<T>(map: Map<string, T>, key: string, value: T): void {
  if (key !== '' && !map.has(key)) map.set(key, value);
}

function firstOf<T>(map: ReadonlyMap<string, T>, keys: readonly string[]): T | undefined {
  for (const key of keys) {
    const value = map.get(key);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Parts by their Content-ID: those of the first scope come before those of the others. */
function mapIds(scopes: readonly Part[]): ReadonlyMap<string, Part> {
  const ids = new Map<string, Part>();
  for (const scope of scopes) {
    for (const part of walk(scope)) if (part.id !== undefined) addFirst(ids, bareId(part.id), part);
    if (scope.id !== undefined) addFirst(ids, bareId(scope.id), scope);
  }
  return ids;
}

/** Messages by their Message-ID: the whole one, and those inside it. */
function mapMessages({ part, envelope }: PartReferences['structure']): ReadonlyMap<string, Part> {
  const messages = new Map<string, Part>();
  addFirst(messages, bareId(envelope.messageId ?? ''), part);
  for (const { message } of walk(part)) if (message) addFirst(messages, bareId(message.envelope.messageId ?? ''), message.part);
  return messages;
}

function resolve(uri: string, base: string): string | undefined {
  return URL.parse(uri, base)?.href;
}

/** The value of a Content-Location, comments and the white space of folds taken off, encoded words decoded (RFC 2557 §4.4.3). */
function locationOf({ location }: Part): string | undefined {
  if (location === undefined) return undefined;
  const value = location.slice(0, 10_000).replace(/^\s*\([^()]*\)\s+|\s+\([^()]*\)\s*$/g, '');
  return decodeEncodedWords(value).replace(/\s+/g, '');
}

/** RFC 2557 §5 (b), (c): the base within a part: its Content-Location where that is absolute, else the base around it. */
function baseWithin(part: Part, around: string): string {
  const location = locationOf(part);
  const absolute = location === undefined ? undefined : URL.parse(location)?.href;
  return absolute === undefined || /^[cm]id:/i.test(absolute) ? around : absolute;
}

/** Adds the parts of a multipart/related by the absolute addresses that they have. RFC 2557 §9.6: what another one in it holds has none. */
function addLocations(locations: Map<string, Part>, scope: Part, base: string): void {
  for (const part of membersOf(scope)) {
    const location = locationOf(part) ?? '';
    // RFC 2557 §8.3: one of the scheme `cid:` does not count.
    const address = location === '' || /^cid:/i.test(location) ? undefined : resolve(location, base);
    const named = isRelated(part) ? findRoot(part) : part;
    if (address !== undefined && named) addFirst(locations, address, named);
    if (!isRelated(part) && !part.message) addLocations(locations, part, baseWithin(part, base));
  }
}

/**
 * Finds the parts of a message that addresses in its HTML name. What it knows is gathered once: for each of many addresses it takes the same
 * time, however many parts there are.
 */
export class PartFinder {
  readonly #structure: PartReferences['structure'];
  readonly #path: readonly Part[];
  /** The base of relative addresses in the HTML. */
  readonly #base: string;
  #ids: ReadonlyMap<string, Part> | undefined;
  #locations: ReadonlyMap<string, Part> | undefined;
  #messages: ReadonlyMap<string, Part> | undefined;
  readonly #idsOfMessages = new Map<Part, ReadonlyMap<string, Part>>();

  constructor({ structure, from, base }: PartReferences) {
    this.#structure = structure;
    this.#path = pathTo(structure.part, from) ?? [];
    const headings = this.#path.reduce((around, part) => baseWithin(part, around), noBase);
    this.#base = base === undefined ? headings : (resolve(base, headings) ?? headings);
  }

  /**
   * The part that an address names: `cid:` and `mid:` (RFC 2392 §2), or any other that is, with the bases of RFC 2557 §5, the Content-Location
   * of a part in the same or a surrounding multipart/related (RFC 2557 §8.2). Undefined where it names none of this message: whether it is
   * then to be fetched from elsewhere is not for a message to say. Of an attachment it is the `part`.
   */
  find(uri: string): Part | undefined {
    const address = uri.trim();
    const [root] = this.#path;
    if (!root || address === '') return undefined;
    const scheme = /^([cm]id):/i.exec(address)?.[1]?.toLowerCase();
    if (scheme === 'mid') return this.#findByMid(address.slice(4));
    if (scheme === 'cid') {
      this.#ids ??= mapIds([...this.#relatedAround().map(({ part }) => part), root]);
      return firstOf(this.#ids, contentIdsOf(address.slice(4)));
    }
    const wanted = resolve(address, this.#base);
    return wanted === undefined ? undefined : this.#mapLocations().get(wanted);
  }

  /** The multiparts around the HTML by which parts refer to each other, innermost first, each with the base within it. */
  #relatedAround(): { readonly part: Part; readonly base: string }[] {
    let base = noBase;
    const around = this.#path.map((part) => {
      base = baseWithin(part, base);
      return { part, base };
    });
    return around.filter(({ part }) => isRelated(part)).toReversed();
  }

  #mapLocations(): ReadonlyMap<string, Part> {
    if (this.#locations) return this.#locations;
    const locations = new Map<string, Part>();
    for (const { part, base } of this.#relatedAround()) addLocations(locations, part, base);
    this.#locations = locations;
    return locations;
  }

  /** A message, or a part in it. A slash that belongs to an identifier is percent-encoded. */
  #findByMid(content: string): Part | undefined {
    this.#messages ??= mapMessages(this.#structure);
    const slash = content.indexOf('/');
    const message = firstOf(this.#messages, contentIdsOf(slash < 0 ? content : content.slice(0, slash)));
    if (!message || slash < 0) return message;
    const ids = this.#idsOfMessages.get(message) ?? mapIds([message]);
    this.#idsOfMessages.set(message, ids);
    return firstOf(ids, contentIdsOf(content.slice(slash + 1)));
  }
}

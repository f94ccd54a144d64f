import { decodeEncodedWords } from '@mox/encoding';
import { parseDate } from '@mox/message-format';
import { isKeptField } from '../../kept-fields.ts';
import type { SearchCriterion } from '../../search.ts';
import { parseId } from '../blob-table.ts';
import type { FlagSets } from '../flag-sets.ts';
import type { MessageIndex } from '../message-index.ts';
import { foldText } from './fold-text.ts';
import { addressesText, bodyContains, headerContains, type Pause, textContains } from './search-content.ts';
import type { Likely, SearchedMessage } from './searched-message.ts';

/** A criterion made ready. */
export interface Matcher {
  /** What the index alone says of the message at a place; undefined where it does not know. */
  quick(at: number): boolean | undefined;
  /** Asked where `quick` does not know. */
  slow(message: SearchedMessage, at: number): boolean | Promise<boolean>;
  /** By what SQLite may tell messages that do not match, where there is something. */
  readonly likely?: Likely | undefined;
  /** How much work `slow` is: of several, the cheapest is asked first. */
  readonly cost: 0 | 1 | 2 | 3;
}

/** What matchers are made from. */
export interface MatcherDeps {
  readonly index: MessageIndex;
  readonly flagSets: FlagSets;
  readonly pause: Pause;
}

type Kind = SearchCriterion['type'];
/** The criterion of a type; some types share a shape. */
type Of<K extends Kind, C = SearchCriterion> = C extends { readonly type: Kind } ? (K extends C['type'] ? C : never) : never;

function fromIndex(quick: (at: number) => boolean): Matcher {
  return { quick, slow: (_message, at) => quick(at), cost: 0 };
}

function fromMessage(facts: { readonly cost: 1 | 2 | 3; readonly likely?: Likely | undefined }, slow: Matcher['slow']): Matcher {
  return { quick: () => undefined, slow, ...facts };
}

/** Joins matchers: `or` is decided by the first that says true, `and` by the first that says false. */
function join(matchers: readonly Matcher[], decisive: boolean): Matcher {
  const ordered = matchers.toSorted((a, b) => a.cost - b.cost);
  return {
    likely: decisive ? undefined : ordered.find(({ likely }) => likely)?.likely,
    cost: ordered.at(-1)?.cost ?? 0,
    quick(at) {
      let verdict: boolean | undefined = !decisive;
      for (const matcher of ordered) {
        const own = matcher.quick(at);
        if (own === decisive) return decisive;
        if (own === undefined) verdict = undefined;
      }
      return verdict;
    },
    async slow(message, at) {
      for (const matcher of ordered) {
        const own = matcher.quick(at) ?? (await matcher.slow(message, at));
        if (own === decisive) return decisive;
      }
      return !decisive;
    },
  };
}

function not(matcher: Matcher): Matcher {
  return {
    cost: matcher.cost,
    quick(at) {
      const own = matcher.quick(at);
      return own === undefined ? undefined : !own;
    },
    slow: async (message, at) => !(matcher.quick(at) ?? (await matcher.slow(message, at))),
  };
}

function flag(criterion: Of<'flag'>, { index, flagSets }: MatcherDeps): Matcher {
  const wanted = criterion.flag.toLowerCase();
  const known = new Map<number, boolean>();
  return fromIndex((at) => {
    const id = index.flagSetIds[at] ?? 0;
    let has = known.get(id);
    if (has === undefined) {
      has = flagSets.get(id)?.flags.some((own) => own.toLowerCase() === wanted) ?? false;
      known.set(id, has);
    }
    return has;
  });
}

function inside(value: number, range: { readonly from?: number; readonly to?: number }): boolean {
  return (range.from === undefined || value >= range.from) && (range.to === undefined || value < range.to);
}

/** The Date field is compared as it is written, without regard to its time zone (RFC 9051 §6.4.4, SENTON). */
function sentInside(date: string | null, range: Of<'sent'>): boolean {
  const sent = date === null ? undefined : parseDate(date);
  return sent !== undefined && inside(sent.instant + sent.offsetMinutes * 60_000, range);
}

/** Uid ranges sorted, for a search by halves: a client may name thousands. */
function uid(criterion: Of<'uid'>, { index }: MatcherDeps): Matcher {
  const ranges = criterion.ranges.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const).sort((a, b) => a[0] - b[0]);
  const starts = ranges.map(([from]) => from);
  let highest = 0;
  const ends = ranges.map(([, to]) => {
    highest = Math.max(highest, to);
    return highest;
  });
  return fromIndex((at) => {
    const own = index.uids[at] ?? 0;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= own) low = middle + 1;
      else high = middle;
    }
    return low > 0 && (ends[low - 1] ?? 0) >= own;
  });
}

/** The longest piece of a folded text that stands as it is in a column; undefined where there is none. */
function longestWord(folded: string, separators: RegExp): string | undefined {
  const words = folded.split(separators).filter((word) => /^[\x20-\x7e]+$/.test(word));
  return words.toSorted((a, b) => b.length - a.length)[0];
}

function inEnvelope(folded: string, separators: RegExp): Likely | undefined {
  const word = longestWord(folded, separators);
  return word === undefined ? undefined : { column: 'envelope', words: [word] };
}

/** What the kept fields of every match hold: the name, and a word. */
function inKeptFields(name: string, folded: string): Likely | undefined {
  if (!/^[\x21-\x7e]+$/.test(name) || !isKeptField(name)) return undefined;
  return { column: 'kept-fields', words: [name, longestWord(folded, fieldSpecial) ?? ''] };
}

// A field may be folded at white space.
const fieldSpecial = /[\x00-\x20\x7f]/;
// JSON escapes these; an address is stored in pieces.
const jsonSpecial = /["\\\x00-\x1f\x7f]/;
const addressSpecial = /["\\\x00-\x1f\x7f\s<>@,]/;

function address(field: 'from' | 'to' | 'cc' | 'bcc'): (criterion: { readonly text: string }) => Matcher {
  return ({ text }) => {
    const wanted = foldText(text);
    return fromMessage(
      { cost: 1, likely: inEnvelope(wanted, addressSpecial) },
      ({ envelope }) => envelope[field] !== null && foldText(addressesText(envelope[field])).includes(wanted),
    );
  };
}

const makers: { readonly [K in Kind]: (criterion: Of<K>, deps: MatcherDeps) => Matcher } = {
  all: () => fromIndex(() => true),
  and: ({ criteria }, deps) =>
    join(
      criteria.map((each) => makeMatcher(each, deps)),
      false,
    ),
  or: ({ criteria }, deps) =>
    join(
      criteria.map((each) => makeMatcher(each, deps)),
      true,
    ),
  not: ({ criterion }, deps) => not(makeMatcher(criterion, deps)),
  flag,
  uid,
  larger: ({ sizeBytes }, { index }) => fromIndex((at) => (index.sizes[at] ?? 0) > sizeBytes),
  smaller: ({ sizeBytes }, { index }) => fromIndex((at) => (index.sizes[at] ?? 0) < sizeBytes),
  modseq: ({ modseq }, { index }) => fromIndex((at) => (index.modseqs[at] ?? 0) >= modseq),
  saved: (range) => fromMessage({ cost: 1 }, ({ row }) => inside(row[1], range)),
  received: (range) => fromMessage({ cost: 1 }, ({ row }) => inside(row[2], range)),
  sent: (range) => fromMessage({ cost: 1 }, ({ date }) => sentInside(date, range)),
  'email-id': ({ id }) => fromMessage({ cost: 1 }, ({ row }) => row[0] === parseId('E', id)),
  'thread-id': ({ id }) => fromMessage({ cost: 1 }, ({ row }) => row[3] === parseId('T', id)),
  subject: ({ text }) => {
    const wanted = foldText(text);
    return fromMessage(
      { cost: 1, likely: inEnvelope(wanted, jsonSpecial) },
      ({ envelope }) => envelope.subject !== null && foldText(decodeEncodedWords(envelope.subject)).includes(wanted),
    );
  },
  from: address('from'),
  to: address('to'),
  cc: address('cc'),
  bcc: address('bcc'),
  header: ({ name, text }) => {
    const wanted = foldText(text);
    const lower = name.toLowerCase();
    return fromMessage({ cost: 2, likely: inKeptFields(lower, wanted) }, (message) => headerContains(message, lower, wanted));
  },
  body: ({ text }, { pause }) => fromMessage({ cost: 3 }, (message) => bodyContains(message, text, pause)),
  text: ({ text }, { pause }) => fromMessage({ cost: 3 }, (message) => textContains(message, text, pause)),
};

/** Makes a criterion ready for the messages of an index. */
export function makeMatcher(criterion: SearchCriterion, deps: MatcherDeps): Matcher {
  const make = makers[criterion.type] as (criterion: SearchCriterion, deps: MatcherDeps) => Matcher;
  return make(criterion, deps);
}

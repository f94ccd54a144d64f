import type { BasicSearchKey, SearchKey } from '@mox/imap';
import type { SearchCriterion } from '@mox/store';
import type { PlaceTest, SearchContext, SearchKeyHandler } from '../search-evaluator.ts';

type Holding<Key, Type> = Key extends { readonly type: infer Own } ? ([Own & Type] extends [never] ? never : Key) : never;
type Key<Type extends BasicSearchKey['type']> = Holding<BasicSearchKey, Type>;
const always: PlaceTest = () => true;

/** ALL. */
export const all: SearchKeyHandler<Key<'all'>> = { types: ['all'], test: () => always, criterion: () => ({ type: 'all' }) };

/** RECENT (RFC 3501 §6.4.4). */
export const recent: SearchKeyHandler<Key<'recent'>> = {
  types: ['recent'],
  test: (_, { connection }) => {
    const { table } = connection.view;
    return (place) => table.recent[place] === 1;
  },
  criterion: (_, { connection }) => uidCriterion(connection.view.uidsAt(connection.view.recentPlaces)),
};

function allTests(keys: readonly SearchKey[], context: SearchContext): readonly PlaceTest[] | undefined {
  const tests: PlaceTest[] = [];
  for (const key of keys) {
    const test = context.test(key);
    if (!test) return undefined;
    tests.push(test);
  }
  return tests;
}

/** Keys of which all must hold. */
export const and: SearchKeyHandler<Key<'and'>> = {
  types: ['and'],
  test({ keys }, context) {
    const tests = allTests(keys, context);
    return tests && ((place) => tests.every((test) => test(place)));
  },
  criterion: ({ keys }, context) => ({ type: 'and', criteria: keys.map((key) => context.criterion(key)) }),
};

/** OR. */
export const or: SearchKeyHandler<Key<'or'>> = {
  types: ['or'],
  test({ keys }, context) {
    const tests = allTests(keys, context);
    return tests && ((place) => tests.some((test) => test(place)));
  },
  criterion: ({ keys }, context) => ({ type: 'or', criteria: keys.map((key) => context.criterion(key)) }),
};

/** NOT. */
export const not: SearchKeyHandler<Key<'not'>> = {
  types: ['not'],
  test({ key }, context) {
    const test = context.test(key);
    return test && ((place) => !test(place));
  },
  criterion: ({ key }, context) => ({ type: 'not', criterion: context.criterion(key) }),
};

/** Flags and keywords. */
export const flag: SearchKeyHandler<Key<'flag'>> = {
  types: ['flag'],
  test({ flag: wanted, set }, { connection }) {
    const { table, flags } = connection.view;
    const lower = wanted.toLowerCase();
    // Few flag sets, many messages: each set is looked at once, and neighbours often have the same.
    const matches = new Map<number, boolean>();
    let last = -1;
    let passes = false;
    return (place) => {
      const id = table.flagSetIds[place] ?? 0;
      if (id === last) return passes;
      let has = matches.get(id);
      if (has === undefined) {
        has = flags.get(id).flags.some((one) => one.toLowerCase() === lower);
        matches.set(id, has);
      }
      last = id;
      passes = has === set;
      return passes;
    };
  },
  criterion({ flag: wanted, set }) {
    const criterion: SearchCriterion = { type: 'flag', flag: wanted };
    return set ? criterion : { type: 'not', criterion };
  },
};

/** Sequence numbers and uids. What they stand for is the view's to say. */
export const numbers: SearchKeyHandler<Key<'numbers'>> = {
  types: ['numbers'],
  test({ set, uid }, { connection }) {
    const { view } = connection;
    const members = new Uint8Array(view.told);
    for (const place of view.placesThatAre(set, uid)) members[place] = 1;
    return (place) => members[place] === 1;
  },
  criterion({ set, uid }, { connection }) {
    const { view } = connection;
    return uidCriterion(view.uidsAt(view.placesThatAre(set, uid)));
  },
};

/** Uids, ascending, as ranges. */
export function uidCriterion(uids: ArrayLike<number>): SearchCriterion {
  const ranges: [number, number][] = [];
  for (let i = 0; i < uids.length; i++) {
    const uid = uids[i] ?? 0;
    const last = ranges.at(-1);
    if (last && last[1] === uid - 1) last[1] = uid;
    else ranges.push([uid, uid]);
  }
  return { type: 'uid', ranges };
}

/** LARGER and SMALLER. */
export const size: SearchKeyHandler<Key<'larger' | 'smaller'>> = {
  types: ['larger', 'smaller'],
  test({ type, sizeBytes }, { connection }) {
    const { table } = connection.view;
    return type === 'larger' ? (place) => (table.sizes[place] ?? 0) > sizeBytes : (place) => (table.sizes[place] ?? 0) < sizeBytes;
  },
  criterion: (key) => key,
};

/** Dates. The store compares those of Date fields in their own time zone (RFC 9051 §6.4.4). */
export const date: SearchKeyHandler<Key<'received' | 'sent' | 'saved'>> = { types: ['received', 'sent', 'saved'], criterion: (key) => key };

/** Text in fields, body or anywhere. */
export const text: SearchKeyHandler<Key<'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'body' | 'text'>> = {
  types: ['from', 'to', 'cc', 'bcc', 'subject', 'body', 'text'],
  criterion: (key) => (key.text === '' && (key.type === 'body' || key.type === 'text') ? { type: 'all' } : key),
};

/** HEADER. */
export const header: SearchKeyHandler<Key<'header'>> = {
  types: ['header'],
  criterion: (key) => ({ type: 'header', name: key.field, text: key.text }),
};

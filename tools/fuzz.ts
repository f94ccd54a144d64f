// Mutation fuzzing for parsers: the same mutants for the same seed number, so that a failure can be replayed.

/** A small generator of numbers (mulberry32): the sequence depends on the seed alone. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

type Mutator = (bytes: Uint8Array, below: (limit: number) => number, tokens: readonly Uint8Array[]) => Uint8Array;

function splice(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - remove + insert.length);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(at + remove), at + insert.length);
  return result;
}

const mutators: readonly Mutator[] = [
  // a byte changed
  (bytes, below) => splice(bytes, below(bytes.length), 1, Uint8Array.of(below(256))),
  // a bit changed
  (bytes, below) => {
    const at = below(bytes.length);
    return splice(bytes, at, 1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << below(8))));
  },
  // bytes removed
  (bytes, below) => {
    const at = below(bytes.length);
    return splice(bytes, at, Math.min(bytes.length - at, 1 + below(16)), new Uint8Array(0));
  },
  // a token put in
  (bytes, below, tokens) => splice(bytes, below(bytes.length), 0, tokens[below(tokens.length)] ?? new Uint8Array(0)),
  // a piece said twice, or many times
  (bytes, below) => {
    const at = below(bytes.length);
    const piece = bytes.subarray(at, at + 1 + below(32));
    const times = below(8) === 0 ? 200 : 1;
    const repeated = new Uint8Array(piece.length * times);
    for (let i = 0; i < times; i++) repeated.set(piece, i * piece.length);
    return splice(bytes, at, 0, repeated);
  },
  // cut short
  (bytes, below) => bytes.slice(0, below(bytes.length)),
];

/** Mutants of the given inputs. `tokens` are pieces of the language, put in whole: they reach deeper than single bytes. */
export function* mutants(
  inputs: readonly (Uint8Array | string)[],
  options: { count: number; seed?: number; tokens?: readonly string[] },
): Generator<Uint8Array> {
  const random = randomNumbers(options.seed ?? 1);
  const below = (limit: number): number => Math.floor(random() * Math.max(1, limit));
  const encoder = new TextEncoder();
  const seeds = inputs.map((input) => (typeof input === 'string' ? encoder.encode(input) : input));
  const tokens = (options.tokens ?? ['\r\n', '\n', '\r', '\0', '"', '\\', '(', ')', '<', '>', ';', ',', '\u00e9', ' ', '\t']).map((token) =>
    encoder.encode(token),
  );
  for (let i = 0; i < options.count; i++) {
    let mutant = seeds[below(seeds.length)] ?? new Uint8Array(0);
    for (let steps = 1 + below(4); steps > 0 && mutant.length > 0; steps--) {
      mutant = mutators[below(mutators.length)]?.(mutant, below, tokens) ?? mutant;
    }
    yield mutant;
  }
}

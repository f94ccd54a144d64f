// Measures alternatives side by side: rounds taken in turn, so that a machine whose speed drifts treats all alike;
// CPU time of all threads of the process; medians and ratios of medians.

export interface BenchmarkOptions {
  /** Bytes that one call works through: adds MB/s to the row. */
  readonly bytes?: number;
  readonly rounds?: number;
  /** About how long one round of one alternative takes. */
  readonly roundMilliseconds?: number;
}

export interface BenchmarkResult {
  readonly row: string;
  /** Median CPU microseconds of one call, by alternative. */
  readonly microseconds: Readonly<Record<string, number>>;
}

const results: BenchmarkResult[] = [];

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function round(run: () => unknown, calls: number): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    const returned = run();
    if (returned instanceof Promise) await returned;
  }
  const used = process.cpuUsage(before);
  return (used.user + used.system) / calls;
}

async function callsPerRound(run: () => unknown, milliseconds: number): Promise<number> {
  for (let calls = 1; ; calls *= 4) {
    const started = performance.now();
    await round(run, calls);
    const took = performance.now() - started;
    if (took > milliseconds / 4) return Math.max(1, Math.round((calls * milliseconds) / took));
  }
}

/** Measures one row. The first alternative is ours; the ratio printed is how many times faster it is than each other. */
export async function benchmark(
  row: string,
  alternatives: Readonly<Record<string, () => unknown>>,
  options: BenchmarkOptions = {},
): Promise<BenchmarkResult> {
  const { rounds = 7, roundMilliseconds = 200 } = options;
  const names = Object.keys(alternatives);
  const calls = new Map<string, number>();
  for (const name of names) calls.set(name, await callsPerRound(alternatives[name] ?? (() => {}), roundMilliseconds));
  const samples = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let i = 0; i < rounds; i++) {
    for (const name of names) samples.get(name)?.push(await round(alternatives[name] ?? (() => {}), calls.get(name) ?? 1));
  }
  const microseconds = Object.fromEntries(names.map((name) => [name, median(samples.get(name) ?? [])]));
  const ours = microseconds[names[0] ?? ''] ?? Number.NaN;
  const cells = names.map((name, i) => {
    const us = microseconds[name] ?? Number.NaN;
    const speed = options.bytes === undefined ? '' : ` ${(options.bytes / us).toFixed(1)} MB/s`;
    return `${name} ${us.toFixed(us < 10 ? 2 : 1)} us${speed}${i === 0 ? '' : ` (${(us / ours).toFixed(2)}x)`}`;
  });
  console.log(`${row} | ${cells.join(' | ')}`);
  const result = { row, microseconds };
  results.push(result);
  return result;
}

/** All rows measured so far in this process. */
export function benchmarkResults(): readonly BenchmarkResult[] {
  return results;
}

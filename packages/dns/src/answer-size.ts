import type { DnsAnswer } from './resolver.ts';

const objectBytes = 64;

function valueSize(value: unknown): number {
  if (typeof value === 'string') return 24 + value.length;
  if (value instanceof Uint8Array) return 96 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let size = objectBytes;
  for (const item of Object.values(value)) size += valueSize(item);
  return size;
}

/** The memory that an answer takes, about: for the bound of a cache. */
export function answerSizeBytes(answer: DnsAnswer): number {
  return valueSize(answer);
}

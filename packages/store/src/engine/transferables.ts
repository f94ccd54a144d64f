import type { Transferable } from 'node:worker_threads';

/** Buffers of the typed arrays in a plain value: they are handed over, not copied. */
export function transferables(value: unknown): Transferable[] {
  const buffers = new Set<ArrayBuffer>();
  collect(value, buffers, 0);
  return [...buffers];
}

const deepest = 7;

function collect(value: unknown, buffers: Set<ArrayBuffer>, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > deepest) return;
  if (ArrayBuffer.isView(value)) {
    // A view of a part is copied: the rest of its buffer may belong to others, as with the pool of Buffer. So is an empty one: it may be
    // a constant, which can be handed over once only.
    const { buffer, byteLength } = value;
    if (buffer instanceof ArrayBuffer && byteLength > 0 && byteLength === buffer.byteLength) buffers.add(buffer);
    return;
  }
  for (const inner of Array.isArray(value) ? value : Object.values(value)) collect(inner, buffers, depth + 1);
}

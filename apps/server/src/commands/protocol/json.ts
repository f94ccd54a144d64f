import { Secret } from '@mox/runtime';

interface EncodedBytes {
  readonly $base64: string;
}

function isEncodedBytes(value: unknown): value is EncodedBytes {
  return typeof value === 'object' && value !== null && '$base64' in value && typeof value.$base64 === 'string';
}

/** A value as JSON: bytes as base64 in an object of their own, maps as objects, secrets hidden. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Uint8Array) return { $base64: Buffer.from(item).toString('base64') };
    if (item instanceof Map) return Object.fromEntries(item);
    if (item instanceof Secret) return '(secret)';
    return item;
  });
}

/** The value of JSON that `toJson` wrote, bytes being bytes again. Throws a SyntaxError for what is no JSON. */
export function fromJson(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => (isEncodedBytes(item) ? new Uint8Array(Buffer.from(item.$base64, 'base64')) : item));
}

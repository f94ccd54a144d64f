import { Secret, toBase64 } from '@mox/runtime';

/** Controls that JSON lets through but a terminal would obey. */
const obeyed = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A value as one line of JSON: bytes as `{"base64": ...}`, as in recordings of DNS answers, maps as objects, secrets hidden. It is safe to
 * print on a terminal.
 */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Uint8Array) return { base64: toBase64(item) };
    if (item instanceof Map) return Object.fromEntries(item);
    if (item instanceof Secret) return '(secret)';
    return item;
  });
  return text.replace(obeyed, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

import type { FetchItem, FetchItemDefinition } from '../fetch-item.ts';

/** PREVIEW: the first words of a message's text (RFC 8970 §3). */
export interface PreviewItem extends FetchItem {
  readonly name: 'PREVIEW';
  /** Whether the client wants it only where it costs nothing (RFC 8970 §4.1). */
  readonly lazy: boolean;
}

/** PREVIEW. */
export const preview: FetchItemDefinition<PreviewItem> = {
  name: 'PREVIEW',
  capabilities: ['PREVIEW'],
  parse(cursor) {
    if (!(cursor.peek() === 32 && cursor.text[cursor.at + 1] === '(')) return { name: 'PREVIEW', lazy: false };
    cursor.space();
    const modifiers = cursor.list(() => cursor.keyword());
    if (modifiers.some((modifier) => modifier !== 'LAZY')) cursor.fail('LAZY is the only modifier of PREVIEW');
    return { name: 'PREVIEW', lazy: true };
  },
};

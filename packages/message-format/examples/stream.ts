import { splitMessage } from '@mox/message-format';

/** Goes through a message of any size in bounded memory, and tells how large its parts are once decoded. */
export async function measureParts(source: AsyncIterable<Uint8Array>): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  let current = '';
  for await (const event of splitMessage(source)) {
    if (event.type === 'part') current = `${event.head.headerStart} ${event.head.type}/${event.head.subtype}`;
    if (event.type === 'body') sizes.set(current, (sizes.get(current) ?? 0) + event.bytes.length);
  }
  return sizes;
}

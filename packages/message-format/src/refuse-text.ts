/** Throws a TypeError for a message that is text, as JavaScript without types may hand over: which bytes it was made of is not known. */
export function refuseText(source: unknown): void {
  if (typeof source === 'string')
    throw new TypeError('a message is bytes or a stream of them, not text: read its file without an encoding');
}

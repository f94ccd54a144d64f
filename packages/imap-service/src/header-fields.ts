const lineFeed = '\n';

/** Start of the field behind the one at `start`: behind its last line that is not continued. */
function fieldEnd(header: string, start: number): number {
  for (let at = start; ; ) {
    const end = header.indexOf(lineFeed, at);
    if (end < 0) return header.length;
    const next = header.charCodeAt(end + 1);
    if (next !== 32 && next !== 9) return end + 1;
    at = end + 1;
  }
}

/**
 * The fields of a header section with, or without, some names, as they stood, and the empty line where there is one (RFC 9051
 * §6.4.5.1). Header and result have one character for each byte. Lines that are no field belong to none of the names.
 */
export function filterHeader(header: string, names: readonly string[], options: { readonly not: boolean }): string {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  let filtered = '';
  for (let at = 0; at < header.length; ) {
    if (header.startsWith('\r\n', at) || header[at] === lineFeed) return `${filtered}\r\n`;
    const end = fieldEnd(header, at);
    const colon = header.indexOf(':', at);
    const name = colon < 0 || colon > end ? '' : header.slice(at, colon).trimEnd().toLowerCase();
    if (wanted.has(name) !== options.not) filtered += header.slice(at, end);
    at = end;
  }
  return filtered;
}

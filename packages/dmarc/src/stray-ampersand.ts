const reference = /&(?:[A-Za-z_][A-Za-z0-9_.-]{0,40}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});/y;
const cdataStart = '<![CDATA[';
const cdataEnd = ']]>';

/**
 * Escapes ampersands that begin no reference, as reporters write them in names and URIs: an XML parser would look for the end of a
 * reference through half the document. CDATA sections stay as they are.
 */
export function escapeStrayAmpersands(text: string): { readonly text: string; readonly found: boolean } {
  let result = '';
  let done = 0;
  let section = text.indexOf(cdataStart);
  let at = text.indexOf('&');
  while (at >= 0) {
    if (section >= 0 && section < at) {
      const end = text.indexOf(cdataEnd, section);
      if (end < 0) break;
      section = text.indexOf(cdataStart, end);
      if (end > at) at = text.indexOf('&', end);
      continue;
    }
    reference.lastIndex = at;
    if (!reference.test(text)) {
      result += `${text.slice(done, at)}&amp;`;
      done = at + 1;
    }
    at = text.indexOf('&', at + 1);
  }
  return done === 0 ? { text, found: false } : { text: result + text.slice(done), found: true };
}

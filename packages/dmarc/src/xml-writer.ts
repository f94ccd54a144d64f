/** An element to be written: its name, and text or elements inside. Without either, or with `undefined`, it is left out. */
export type XmlNode = readonly [name: string, content: string | readonly XmlNode[] | undefined];

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

const escaped = /[&<>\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]/;

/** Text as it may stand between tags; characters that XML 1.0 does not have become U+FFFD. */
export function escapeXml(text: string): string {
  if (!escaped.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>\r]/g, (character) => escapes[character] ?? character);
}

/** Writes elements, one a line, those inside indented by two spaces. */
export function writeXml(nodes: readonly XmlNode[], indent: string = ''): string {
  let xml = '';
  for (const [name, content] of nodes) {
    if (content === undefined) continue;
    if (typeof content === 'string') xml += `${indent}<${name}>${escapeXml(content)}</${name}>\n`;
    else xml += `${indent}<${name}>\n${writeXml(content, `${indent}  `)}${indent}</${name}>\n`;
  }
  return xml;
}

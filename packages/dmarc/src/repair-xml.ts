/** What is told of a document that needs repair. A listener ends the repair by throwing. */
export interface RepairListener {
  /** What is not well-formed. */
  fault(problem: string): void;
  /** What is not well-formed and harmless, however often it comes. */
  oddity(problem: string): void;
}

/** Characters that XML 1.0 does not have. */
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
/** All that may need repair: neither text nor one of the five entities nor a tag that is but a name. */
const suspect = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|&(?!amp;|lt;|gt;|quot;|apos;)|<(?!\/?[A-Za-z_][\w:.-]*\/?>)|\]\]>/g;
const strayAmpersand = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)/g;
const reference = /&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|[A-Za-z_][A-Za-z0-9_.-]{0,40});/y;
const tagName = /^<[A-Za-z_:\u0080-\uffff][A-Za-z0-9_:.\u0080-\uffff-]{0,199}(?=[\s/>])/;
const attributesForm = /^(?:[^"'>]*(?:"[^"]*"|'[^']*'))*[^"'>]*>/;
const endTag = /^<\/[A-Za-z_:\u0080-\uffff][A-Za-z0-9_:.\u0080-\uffff-]{0,199}\s{0,99}>/;
const subsetEnd = /\]\s{0,99}>/g;

/** Characters of a tag with its attributes. */
const longestTag = 1 << 14;
/** Repairs, until the document is given up. */
const mostRepairs = 100_000;
/** How much is repaired before it is handed on. */
const pieceLength = 1 << 16;

/** What takes the place of a piece of the document, and where that piece ends. */
interface Repair {
  readonly text: string;
  readonly end: number;
  /** Whether the document is as it should be here. */
  readonly sound?: boolean;
}

/**
 * Makes of what reporters write what an XML parser can read without losing its way, in pieces: escapes each "&" that begins no reference
 * and each "<" that begins no tag, replaces characters that XML does not have, leaves out comments, processing instructions and document
 * types, so that there are no entities but the five of XML. Time and memory are linear in the text.
 */
export function* repairXml(document: string, listener: RepairListener): Generator<string> {
  const text = document.toWellFormed();
  let piece = '';
  let done = 0;
  let repairs = 0;
  for (let at = findSuspect(text, 0); at >= 0; at = findSuspect(text, done)) {
    const { text: instead, end, sound } = repairAt(text, at, listener);
    if (!sound && ++repairs > mostRepairs) {
      listener.fault('too many faults: the rest is not read');
      return;
    }
    piece += text.slice(done, at) + instead;
    done = end;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  yield piece + text.slice(done);
}

function findSuspect(text: string, from: number): number {
  suspect.lastIndex = from;
  return suspect.exec(text)?.index ?? -1;
}

function repairAt(text: string, at: number, listener: RepairListener): Repair {
  const character = text.charAt(at);
  if (character === '<') return repairMarkup(text, at, listener);
  if (character === '&') return repairReference(text, at, listener);
  if (character === ']') {
    listener.oddity('"]]>" that ends nothing');
    return { text: ']]&gt;', end: at + 3 };
  }
  listener.oddity('a character that XML does not have');
  return { text: '\ufffd', end: at + 1 };
}

function repairReference(text: string, at: number, listener: RepairListener): Repair {
  reference.lastIndex = at;
  const [whole, decimal, hexadecimal] = reference.exec(text) ?? [];
  if (whole === undefined || (decimal === undefined && hexadecimal === undefined)) {
    listener.oddity(whole === undefined ? 'an ampersand that is not escaped' : 'an entity that is not known');
    return { text: '&amp;', end: at + 1 };
  }
  const number = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
  const end = at + whole.length;
  if (isCharacter(number)) return { text: `&#${number};`, end, sound: true };
  listener.oddity('a character that XML does not have');
  return { text: '\ufffd', end };
}

/** Whether XML 1.0 has a character (its section 2.2). */
function isCharacter(number: number): boolean {
  if (number > 0xffff) return number <= 0x10ffff;
  return number === 9 || number === 10 || number === 13 || (number >= 32 && (number < 0xd800 || (number > 0xdfff && number < 0xfffe)));
}

function repairMarkup(text: string, at: number, listener: RepairListener): Repair {
  if (text.startsWith('<!--', at)) return leaveOut(text, { at, end: findEnd(text, '-->', at + 4) }, 'a comment', listener);
  if (text.startsWith('<?', at)) return leaveOut(text, { at, end: findEnd(text, '?>', at + 2) }, 'a processing instruction', listener);
  if (text.startsWith('<!DOCTYPE', at)) {
    listener.fault('a document type, which is passed over');
    return leaveOut(text, { at, end: findDoctypeEnd(text, at) }, 'a document type', listener);
  }
  if (!text.startsWith('<![CDATA[', at)) return repairTag(text, at, listener);
  const end = findEnd(text, ']]>', at + 9);
  if (end < 0) return leaveOut(text, { at, end }, 'a CDATA section', listener);
  return { text: text.slice(at, end).replace(forbidden, '\ufffd'), end, sound: true };
}

/** The rest of the document is lost where a section does not end. */
function leaveOut(text: string, { at, end }: { at: number; end: number }, what: string, listener: RepairListener): Repair {
  if (end < 0) listener.fault(`${what} that does not end`);
  // What stands before and behind must not become "]]>" together.
  const instead = text.charAt(at - 1) === ']' ? '<!---->' : '';
  return { text: instead, end: end < 0 ? text.length : end, sound: true };
}

/** The offset behind a mark; negative where there is none. */
function findEnd(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? -1 : at + mark.length;
}

function findDoctypeEnd(text: string, at: number): number {
  const end = findEnd(text, '>', at);
  const subset = text.indexOf('[', at);
  if (subset < 0 || (end >= 0 && end < subset)) return end;
  subsetEnd.lastIndex = subset;
  return subsetEnd.test(text) ? subsetEnd.lastIndex : -1;
}

/** A tag that is more than a name, or none: people write addresses in angle brackets. */
function repairTag(text: string, at: number, listener: RepairListener): Repair {
  // There is no "<" in attributes.
  const next = text.indexOf('<', at + 1);
  const region = text.slice(at, next < 0 ? text.length : next);
  const [ending] = endTag.exec(region) ?? [];
  if (ending !== undefined) return { text: ending, end: at + ending.length, sound: true };
  const [name] = tagName.exec(region) ?? [];
  const first = name === undefined ? -1 : region.indexOf('>');
  if (name !== undefined && first >= longestTag) {
    listener.fault(`a tag of more than ${longestTag} characters, whose attributes are not read`);
    return { text: `${name}${region.charAt(first - 1) === '/' ? '/' : ''}>`, end: at + first + 1 };
  }
  const [attributes] = (name !== undefined && attributesForm.exec(region.slice(name.length, longestTag))) || [];
  if (name !== undefined && attributes !== undefined)
    return { text: name + repairAttributes(attributes, listener), end: at + name.length + attributes.length, sound: true };
  listener.fault('a "<" that begins no tag');
  return { text: '&lt;', end: at + 1 };
}

function repairAttributes(attributes: string, listener: RepairListener): string {
  const repaired = attributes.replace(strayAmpersand, '&amp;').replace(forbidden, '\ufffd');
  if (repaired !== attributes) listener.oddity('attributes with an ampersand that is not escaped, or characters that XML does not have');
  return repaired;
}

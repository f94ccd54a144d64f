// Imported as `#element-stream`, so that dist/ has a file for it: bundlers keep CommonJS whole, and drop the file where no report is read.
import { SaxesParser } from 'saxes';
import { type RepairListener, repairXml } from './repair-xml.ts';

/** An element of a report. Names are without prefix, in lower case; text is that of the element itself, not of those inside. */
export interface XmlElement {
  readonly name: string;
  text: string;
  children: readonly XmlElement[];
}

/** Bounds on what is kept of a document. */
export interface XmlLimits {
  readonly depth: number;
  /** Characters of text of one element. */
  readonly textLength: number;
  /** Elements in one child of the root. */
  readonly elements: number;
  /** Faults of well-formedness, until the document is given up. */
  readonly faults: number;
}

/** What a document is read for. */
export interface ElementListener {
  /** The root was found; given its namespace declarations by prefix, `` for none. */
  root(namespaces: ReadonlyMap<string, string>): void;
  /** A child of the root is complete. */
  element(element: XmlElement): void;
  fault(problem: string): void;
}

/** Ends the parser, which has no other way to stop. */
class StopReading extends Error {}

/** Nearly all elements have none inside. */
const none: readonly XmlElement[] = [];

interface OpenElement {
  readonly qualified: string;
  /** Undefined for what is not kept. */
  readonly element: XmlElement | undefined;
}

interface QualifiedName {
  readonly prefix: string;
  readonly name: string;
}

/**
 * Reads a document whose root is looked for at any depth, and hands on the root's children as they end, so that memory does not
 * grow with the document. Elements of foreign namespaces are passed over with what is inside.
 */
class ElementGatherer implements RepairListener {
  readonly #rootName: string;
  readonly #listener: ElementListener;
  readonly #limits: XmlLimits;
  readonly #open: OpenElement[] = [];
  readonly #names = new Map<string, QualifiedName>();
  readonly #oddities = new Set<string>();
  /** Depth of the root, once it is open; what comes behind it is not looked at. */
  #rootDepth = -1;
  #rootPrefix = '';
  #rootNamespace: string | undefined;
  /** What the tag that is being read declares. */
  #declared: Map<string, string> | undefined;
  #elements = 0;
  #faults = 0;
  foundRoot = false;

  constructor(rootName: string, listener: ElementListener, limits: XmlLimits) {
    this.#rootName = rootName;
    this.#listener = listener;
    this.#limits = limits;
  }

  fault(problem: string): void {
    this.#listener.fault(problem);
    if (++this.#faults >= this.#limits.faults) this.#stop('too many faults: the rest is not read');
  }

  oddity(problem: string): void {
    if (!this.#oddities.has(problem)) this.#listener.fault(problem);
    this.#oddities.add(problem);
  }

  #stop(problem: string): never {
    this.#listener.fault(problem);
    throw new StopReading();
  }

  #split(qualified: string): QualifiedName {
    const known = this.#names.get(qualified);
    if (known) return known;
    const colon = qualified.indexOf(':');
    const split = { prefix: qualified.slice(0, Math.max(colon, 0)), name: qualified.slice(colon + 1).toLowerCase() };
    if (this.#names.size < 500) this.#names.set(qualified, split);
    return split;
  }

  /** An attribute of the element that opens next. */
  attribute(name: string, value: string): void {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) return;
    this.#declared ??= new Map();
    this.#declared.set(name.slice(6), value.trim());
  }

  open(qualified: string): void {
    if (this.#open.length >= this.#limits.depth) this.#stop(`elements more than ${this.#limits.depth} deep: the rest is not read`);
    const { prefix, name } = this.#split(qualified);
    const declared = this.#declared;
    this.#declared = undefined;
    if (!this.foundRoot && name === this.#rootName) {
      this.foundRoot = true;
      this.#rootDepth = this.#open.length;
      this.#rootPrefix = prefix;
      this.#rootNamespace = declared?.get(prefix);
      this.#listener.root(declared ?? new Map());
      this.#open.push({ qualified, element: undefined });
      return;
    }
    const foreign = (prefix !== '' && prefix !== this.#rootPrefix) || this.#isForeign(declared?.get(prefix));
    this.#open.push({ qualified, element: foreign ? undefined : this.#attach(name) });
  }

  /** Whether what an element declares for itself is another namespace; none is what serializers write who do not know theirs. */
  #isForeign(declared: string | undefined): boolean {
    return declared !== undefined && declared !== '' && declared !== this.#rootNamespace;
  }

  /** A new element inside the open one, where that is kept and there is room. */
  #attach(name: string): XmlElement | undefined {
    if (this.#rootDepth < 0) return undefined;
    const depth = this.#open.length - this.#rootDepth;
    const parent = this.#open.at(-1)?.element;
    if (depth === 1) this.#elements = 0;
    else if (!parent) return undefined;
    if (++this.#elements > this.#limits.elements) {
      if (this.#elements === this.#limits.elements + 1) this.#listener.fault(`more than ${this.#limits.elements} elements in one`);
      return undefined;
    }
    const element: XmlElement = { name, text: '', children: none };
    if (parent) adopt(parent, element);
    return element;
  }

  close(qualified: string): void {
    if (this.#open.at(-1)?.qualified !== qualified && !this.#closeInner(qualified)) return;
    const closed = this.#open.pop();
    if (this.#rootDepth < 0) return;
    const depth = this.#open.length - this.#rootDepth;
    if (depth === 0) this.#rootDepth = -1;
    else if (depth === 1 && closed?.element) this.#listener.element(closed.element);
  }

  /** Closes what is open inside an element that ends; false where no such element is open. */
  #closeInner(qualified: string): boolean {
    const index = this.#open.findLastIndex((one) => one.qualified === qualified);
    if (index < 0) {
      this.fault(`an end tag of ${qualified.slice(0, 40)} that ends nothing`);
      return false;
    }
    for (let inner = this.#open.at(-1); inner && this.#open.length > index + 1; inner = this.#open.at(-1)) {
      this.fault(`${inner.qualified.slice(0, 40)} has no end tag`);
      this.close(inner.qualified);
    }
    return true;
  }

  text(text: string): void {
    const element = this.#open.at(-1)?.element;
    if (!element || element.text.length >= this.#limits.textLength) return;
    // White space stands between elements, and may be more than is kept of a text.
    if (element.text === '' && isBlank(text)) return;
    element.text = element.text === '' ? text : element.text + text;
    if (element.text.length > this.#limits.textLength) {
      element.text = element.text.slice(0, this.#limits.textLength);
      this.#listener.fault(`text of more than ${this.#limits.textLength} characters in ${element.name}`);
    }
  }

  /** The document ends here. */
  end(): void {
    for (const { qualified } of this.#open.toReversed()) this.fault(`${qualified.slice(0, 40)} has no end tag`);
  }
}

function isBlank(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 32) return false;
  return true;
}

function adopt(parent: XmlElement, child: XmlElement): void {
  if (parent.children === none) parent.children = [child];
  else (parent.children as XmlElement[]).push(child);
}

/** What saxes says of an end tag: of each element open inside the one that ends, and where none of that name is open. */
const closedByAnother = 'unexpected close tag.';
const endsNothing = /^unmatched closing tag: (.*)\.$/s;

/**
 * A parser that tells a gatherer of elements. Of an end tag that ends nothing it closes all elements before it says so: an end is handed
 * on with the next event, when it is known which end tag it was, and what is open is for the gatherer to know.
 */
function makeParser(gatherer: ElementGatherer): SaxesParser {
  const parser = new SaxesParser({ xmlns: false, position: false, fragment: true });
  let ended: string | undefined;
  const handOnEnd = (): void => {
    const name = ended;
    ended = undefined;
    if (name !== undefined) gatherer.close(name);
  };
  const takeText = (text: string): void => {
    if (ended !== undefined) handOnEnd();
    gatherer.text(text);
  };
  parser.on('attribute', ({ name, value }) => gatherer.attribute(name, value));
  parser.on('opentag', ({ name }) => {
    if (ended !== undefined) handOnEnd();
    gatherer.open(name);
  });
  parser.on('closetag', ({ name }) => {
    if (ended !== undefined) handOnEnd();
    ended = name;
  });
  parser.on('text', takeText);
  parser.on('cdata', takeText);
  parser.on('error', ({ message }) => {
    if (message === closedByAnother) {
      ended = undefined;
      return;
    }
    handOnEnd();
    const [, unmatched] = endsNothing.exec(message) ?? [];
    if (unmatched === undefined) gatherer.fault(message);
    else gatherer.close(unmatched);
  });
  parser.on('end', handOnEnd);
  return parser;
}

/** Reads the children of a root element, wherever that is; whether there is one. */
export function readElements(text: string, rootName: string, listener: ElementListener, limits: XmlLimits): boolean {
  const gatherer = new ElementGatherer(rootName, listener, limits);
  const parser = makeParser(gatherer);
  try {
    for (const piece of repairXml(text, gatherer)) parser.write(piece);
    // Which elements have no end tag is for the gatherer to say.
    parser.on('error', () => {});
    parser.close();
    gatherer.end();
  } catch (error) {
    if (!(error instanceof StopReading)) throw error;
  }
  return gatherer.foundRoot;
}

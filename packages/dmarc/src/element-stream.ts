import { SaxesParser } from 'saxes';

/** An element of a report. Names are without prefix, in lower case; text is that of the element itself, not of those inside. */
export interface XmlElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
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

interface OpenElement {
  readonly name: string;
  /** Undefined for what is not kept. */
  readonly element: XmlElement | undefined;
}

/**
 * Reads a document whose root is looked for at any depth, and hands on the root's children as they end, so that memory does not
 * grow with the document. Elements of foreign namespaces are passed over with what is inside. Entities of a DTD are not known.
 */
export class ElementStream {
  readonly #rootName: string;
  readonly #listener: ElementListener;
  readonly #limits: XmlLimits;
  readonly #parser = new SaxesParser({ xmlns: false, position: false });
  readonly #open: OpenElement[] = [];
  /** Depth of the root, once it is open; what comes behind it is not looked at. */
  #rootDepth = -1;
  #rootPrefix = '';
  #foundRoot = false;
  #elements = 0;
  #faults = 0;
  #stopped = false;

  constructor(rootName: string, listener: ElementListener, limits: XmlLimits) {
    this.#rootName = rootName;
    this.#listener = listener;
    this.#limits = limits;
    this.#parser.on('error', (error) => this.#fault(error.message));
    this.#parser.on('doctype', () => this.#fault('a document type, which is passed over'));
    this.#parser.on('opentag', (tag) => this.#openTag(tag.name, tag.attributes));
    this.#parser.on('closetag', () => this.#closeTag());
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
  }

  /** Whether the root was found so far. */
  get foundRoot(): boolean {
    return this.#foundRoot;
  }

  write(text: string): void {
    this.#guard(() => this.#parser.write(text));
  }

  /** The document ends here. */
  close(): void {
    this.#guard(() => this.#parser.close());
  }

  #guard(work: () => void): void {
    if (this.#stopped) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof StopReading)) throw error;
      this.#stopped = true;
    }
  }

  #fault(problem: string): void {
    this.#listener.fault(problem);
    if (++this.#faults >= this.#limits.faults) this.#stop('too many faults: the rest is not read');
  }

  #stop(problem: string): never {
    this.#listener.fault(problem);
    throw new StopReading(problem);
  }

  #openTag(qualified: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#open.length >= this.#limits.depth) this.#stop(`elements more than ${this.#limits.depth} deep: the rest is not read`);
    const colon = qualified.indexOf(':');
    const prefix = qualified.slice(0, Math.max(colon, 0));
    const name = qualified.slice(colon + 1).toLowerCase();
    if (!this.#foundRoot && name === this.#rootName) {
      this.#foundRoot = true;
      this.#rootDepth = this.#open.length;
      this.#rootPrefix = prefix;
      this.#listener.root(namespacesOf(attributes));
      this.#open.push({ name, element: undefined });
      return;
    }
    const foreign = prefix !== '' && prefix !== this.#rootPrefix;
    this.#open.push({ name, element: foreign ? undefined : this.#attach(name) });
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
    const element: XmlElement = { name, text: '', children: [] };
    parent?.children.push(element);
    return element;
  }

  #closeTag(): void {
    const closed = this.#open.pop();
    if (this.#rootDepth < 0) return;
    const depth = this.#open.length - this.#rootDepth;
    if (depth === 0) this.#rootDepth = -1;
    else if (depth === 1 && closed?.element) this.#listener.element(closed.element);
  }

  #text(text: string): void {
    const element = this.#open.at(-1)?.element;
    if (!element || element.text.length >= this.#limits.textLength) return;
    element.text += text;
    if (element.text.length > this.#limits.textLength) {
      element.text = element.text.slice(0, this.#limits.textLength);
      this.#listener.fault(`text of more than ${this.#limits.textLength} characters in ${element.name}`);
    }
  }
}

function namespacesOf(attributes: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const namespaces = new Map<string, string>();
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'xmlns') namespaces.set('', value);
    else if (name.startsWith('xmlns:')) namespaces.set(name.slice(6), value);
  }
  return namespaces;
}

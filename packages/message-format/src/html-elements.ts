/** What an element of HTML means to the text around it and in it. */
export interface HtmlElement {
  /** In lower case. */
  readonly name: string;
  /** Line ends before and behind it: 1 where it stands on lines of its own, 2 where an empty line is around it. */
  readonly lines: 0 | 1 | 2;
  readonly isList: boolean;
  /** Its content is no text to read. */
  readonly silent: boolean;
  /** Silent, and over where HTML goes on, whether it is closed or not. */
  readonly foreign: boolean;
  /** HTML goes on with it. */
  readonly isFlow: boolean;
  /** It has no content: hiding it hides no text. */
  readonly empty: boolean;
  /** Its end tag is often left out: the next block ends it. */
  readonly endsByItself: boolean;
  /** The attribute that matters, beside `style` and `hidden`; empty where none does. */
  readonly attribute: string;
}

const words = /* @__NO_SIDE_EFFECTS__ */ (text: string): readonly string[] => text.split(' ');

const blocks = words(
  'address article aside body center dd details div dl dt fieldset figcaption figure footer form header hr html li main nav section summary table tbody tfoot thead caption',
);
const spaced = words('blockquote h1 h2 h3 h4 h5 h6 ol p pre ul');
const lists = words('ol ul');
const phrasing = words('br img span b i em strong font td th tr');
const foreign = words('svg math');
const silent = words('script style title template iframe textarea select noframes noembed svg math');
const empty = words('br hr img input link meta wbr area base col embed source');
const endsByThemselves = words('p li dt dd tbody thead tfoot body html option');
const attributes: ReadonlyMap<string, string> = new Map([
  ['a', 'href'],
  ['img', 'alt'],
  ['ol', 'start'],
  ['li', 'value'],
]);

const unknown: HtmlElement = {
  name: '',
  lines: 0,
  isList: false,
  silent: false,
  foreign: false,
  isFlow: false,
  empty: false,
  endsByItself: false,
  attribute: '',
};

function describe(name: string): HtmlElement {
  const lines = spaced.includes(name) ? 2 : blocks.includes(name) ? 1 : 0;
  return {
    ...unknown,
    name,
    lines,
    isList: lists.includes(name),
    silent: silent.includes(name),
    foreign: foreign.includes(name),
    isFlow: lines > 0 || phrasing.includes(name),
    empty: empty.includes(name),
    endsByItself: endsByThemselves.includes(name),
    attribute: attributes.get(name) ?? '',
  };
}

const known: ReadonlyMap<string, HtmlElement> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ [...blocks, ...spaced, ...phrasing, ...silent, ...empty, ...endsByThemselves, 'a'].map((name) => [name, describe(name)]),
);

/** The element of a tag's name, in whatever case. One look-up for nearly all: what a tag costs is what a page of tags costs. */
export function findElement(tag: string): HtmlElement {
  const element = known.get(tag);
  if (element) return element;
  const name = tag.toLowerCase();
  return known.get(name) ?? { ...unknown, name };
}

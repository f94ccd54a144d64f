// The texts that are generated from the index and the citations: tables of the READMEs, pages of rfc/xref/.
import type { PlacedCitation } from './rfc-citations.ts';
import { type IndexRow, topics } from './rfc-index.ts';
import type { Package } from './workspace.ts';

/** Puts generated lines between `<!-- name:start -->` and `<!-- name:end -->`; undefined where the markers are missing. */
export function fillMarkers(text: string, name: string, content: string): string | undefined {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) return undefined;
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function rfcLink(number: number): string {
  return `[${number}](https://www.rfc-editor.org/rfc/rfc${number})`;
}

/** A title, with its standing where it is out of force. */
function titleOf(row: IndexRow): string {
  return row.rfcStatus.startsWith('obsoleted') || row.rfcStatus === 'Historic' ? `${row.title} (${row.rfcStatus})` : row.title;
}

/** How far a topic is implemented: Yes or Roadmap where all of its RFCs are that, Partial between. */
export function topicStatus(rows: readonly IndexRow[]): string {
  const counted = rows.filter((row) => row.status !== '-' && row.status !== 'No');
  if (counted.length === 0) return rows.some((row) => row.status === 'No') ? 'No' : '-';
  if (counted.every((row) => row.status === 'Yes')) return 'Yes';
  return counted.some((row) => row.status === 'Yes' || row.status === 'Partial') ? 'Partial' : 'Roadmap';
}

function slug(topic: string): string {
  return topic.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** Name of a topic's page of the cross-reference. */
export function xrefFile(topic: string): string {
  return `rfc/xref/${slug(topic)}.md`;
}

function byTopic(rows: readonly IndexRow[]): [topic: string, rows: IndexRow[]][] {
  return [...topics.keys()].map((topic) => [topic, rows.filter((row) => row.topic === topic)]);
}

/** The first table: topic, implemented, description. */
export function topicsTable(rows: readonly IndexRow[]): string {
  return table(
    ['Topic', 'Implemented', 'Description'],
    byTopic(rows).map(([topic, own]) => [`[${topic}](${xrefFile(topic)})`, topicStatus(own), topics.get(topic) ?? '']),
  );
}

/** The second table, topic by topic: RFC, status, title. */
export function rfcTables(rows: readonly IndexRow[]): string {
  return byTopic(rows)
    .map(([topic, own]) => {
      const lines = own.map((row) => [rfcLink(row.number), row.status, titleOf(row)]);
      const count = own.filter((row) => row.status === 'Yes' || row.status === 'Partial').length;
      const open = own.filter((row) => row.status !== '-' && row.status !== 'No').length;
      return `<details><summary>${topic}: ${count} of ${open}</summary>\n\n${table(['RFC', 'Status', 'Title'], lines)}\n\n</details>`;
    })
    .join('\n\n');
}

/** The table of a package's README: the RFCs that its package.json names. */
export function packageTable(numbers: readonly string[], index: ReadonlyMap<number, IndexRow>): string {
  const rows = numbers
    .map(Number)
    .toSorted((a, b) => a - b)
    .flatMap((number) => index.get(number) ?? []);
  if (rows.length === 0) return 'This package implements no RFC of its own.';
  return table(
    ['RFC', 'Status', 'Title'],
    rows.map((row) => [rfcLink(row.number), row.status, titleOf(row)]),
  );
}

const layerNames = ['ground', 'formats', 'checks', 'protocols', 'the world', 'services'];

/** The README's table of packages, by layer. */
export function packagesTable(packages: readonly Package[]): string {
  const rows = packages
    .filter((pkg) => pkg.folder.startsWith('packages/'))
    .toSorted((a, b) => (a.manifest.mox?.layer ?? 0) - (b.manifest.mox?.layer ?? 0) || (a.folder < b.folder ? -1 : 1))
    .map(({ folder, manifest }) => {
      const layer = manifest.mox?.layer ?? 0;
      return [`[${manifest.name}](${folder})`, `${layer} ${layerNames[layer] ?? ''}`, manifest.description];
    });
  return table(['Package', 'Layer', 'What it is for'], rows);
}

function fileLink(file: string): string {
  return `[${file.replace(/^(packages|apps)\//, '')}](../../${file})`;
}

function compareSections(a: string, b: string): number {
  if (a === '' || b === '') return a.length - b.length;
  return a.localeCompare(b, 'en', { numeric: true });
}

/** The page of a topic: each cited RFC, section by section, with the files that cite it. No line numbers: they move. */
export function xrefPage(
  topic: string,
  rows: readonly IndexRow[],
  citations: readonly PlacedCitation[],
  sectionTitle: (number: number, section: string) => string,
): string {
  const parts = [`# ${topic}: where the code follows the RFCs`, 'Generated by `node tools/rfc-xref.ts --write`.'];
  for (const row of rows.filter((one) => one.topic === topic)) {
    const own = citations.filter((citation) => citation.number === row.number && citation.evidence !== 'none');
    if (own.length === 0) continue;
    parts.push(`## RFC ${row.number}: ${row.title}`, `${row.status}. ${row.rfcStatus}. <https://www.rfc-editor.org/rfc/rfc${row.number}>`);
    const sections = [...new Set(own.map((citation) => citation.section ?? ''))].toSorted(compareSections);
    const lines = sections.map((section) => {
      const files = (kind: 'code' | 'test'): string => {
        const found = own.filter((one) => (one.section ?? '') === section && one.evidence === kind && one.kind !== 'todo');
        return [...new Set(found.map((one) => one.file))].toSorted().map(fileLink).join(', ');
      };
      const name =
        section === '' ? 'as a whole' : `${/^\d/.test(section) ? '§' : 'appendix '}${section} ${sectionTitle(row.number, section)}`;
      return [name.trim(), files('code'), files('test')];
    });
    parts.push(table(['Section', 'Code', 'Tests'], lines));
    const notes = own.filter((one) => one.kind !== 'implements').map((one) => noteLine(one));
    if (notes.length > 0) parts.push([...new Set(notes)].toSorted().join('\n'));
  }
  if (parts.length === 2) parts.push('Nothing yet.');
  return `${parts.join('\n\n')}\n`;
}

function noteLine(citation: PlacedCitation): string {
  const section = citation.section === undefined ? '' : ` ${/^\d/.test(citation.section) ? '§' : 'appendix '}${citation.section}`;
  return `- ${citation.kind}${section}: ${citation.reason} (${fileLink(citation.file)})`;
}

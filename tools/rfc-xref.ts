// Checks citations of RFCs against rfc/, and the statuses of rfc/index.tsv against citations; generates the tables of the
// READMEs and the pages of rfc/xref/. `node tools/rfc-xref.ts [--write] [--suggest]`: without --write it fails where a
// generated text is stale; --suggest prints the RFCs that deserve a better status by what code and tests cite.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { collectCitations, type PlacedCitation } from './rfc-citations.ts';
import { type IndexRow, readIndex, readSections, type Status, topics } from './rfc-index.ts';
import { writeSections } from './rfc-sections.ts';
import { fillMarkers, packagesTable, packageTable, rfcTables, topicsTable, xrefFile, xrefPage } from './rfc-tables.ts';
import { type Package, readIfThere, readWorkspace, repository } from './workspace.ts';

/** What code and tests bear out about one RFC. Only the packages that claim the RFC count. */
export interface Evidence {
  readonly code: number;
  readonly tests: number;
  readonly todos: number;
}

/** The best status that the evidence bears out. */
export function provenStatus(evidence: Evidence): Status {
  if (evidence.code > 0 && evidence.tests > 0 && evidence.todos === 0) return 'Yes';
  return evidence.code > 0 ? 'Partial' : 'Roadmap';
}

/** Whether a status of the index is a claim that the evidence does not bear out. */
export function isUnproven(status: Status, evidence: Evidence): boolean {
  if (status === 'Yes') return provenStatus(evidence) !== 'Yes';
  return status === 'Partial' && evidence.code === 0;
}

/** The evidence for each RFC, from the packages whose package.json names it. */
export function gatherEvidence(citations: readonly PlacedCitation[], packages: readonly Package[]): Map<number, Evidence> {
  const claimed = new Map(packages.map((pkg) => [pkg.folder, new Set(pkg.manifest.mox?.rfcs.map(Number))]));
  const evidence = new Map<number, { code: number; tests: number; todos: number }>();
  for (const citation of citations) {
    if (!claimed.get(citation.folder)?.has(citation.number)) continue;
    const found = evidence.get(citation.number) ?? { code: 0, tests: 0, todos: 0 };
    evidence.set(citation.number, found);
    if (citation.kind === 'todo') found.todos++;
    else if (citation.evidence === 'code') found.code++;
    else if (citation.evidence === 'test') found.tests++;
  }
  return evidence;
}

const nothing: Evidence = { code: 0, tests: 0, todos: 0 };

/** Citations of what does not exist, or of what cannot be looked up. */
function* citationFaults(citations: readonly PlacedCitation[], index: ReadonlyMap<number, IndexRow>): Generator<string> {
  const lists = new Map([...new Set(citations.map(({ number }) => number))].map((number) => [number, readSections(number)]));
  for (const { number, section, kind, reason, file, line } of citations) {
    const where = `${file}:${line}`;
    if (!index.has(number)) yield `${where}: RFC ${number} is not in rfc/index.tsv`;
    if (kind !== 'implements' && reason === '') yield `${where}: "${kind} RFC ${number}" without a reason behind a colon`;
    const list = lists.get(number);
    if (section !== undefined && list && !list.has(section)) yield `${where}: RFC ${number} has no section ${section}`;
  }
}

/** RFCs cited by section of which no list is checked in: nobody can tell whether the sections are there. */
export function unlisted(citations: readonly PlacedCitation[]): number[] {
  const bySection = citations.filter(({ section }) => section !== undefined).map(({ number }) => number);
  return [...new Set(bySection)].filter((number) => readSections(number) === undefined).toSorted((a, b) => a - b);
}

/** Claims of package.json files and of the index that contradict each other or the evidence. */
function* claimFaults(rows: readonly IndexRow[], packages: readonly Package[], evidence: ReadonlyMap<number, Evidence>): Generator<string> {
  const known = new Set(rows.map((row) => row.number));
  for (const { folder, manifest } of packages) {
    for (const number of manifest.mox?.rfcs ?? []) {
      if (!known.has(Number(number))) yield `${folder}/package.json: "mox".rfcs names RFC ${number}, which is not in rfc/index.tsv`;
    }
  }
  for (const row of rows) {
    const found = evidence.get(row.number) ?? nothing;
    if (!isUnproven(row.status, found)) continue;
    const counts = `${found.code} citations in code, ${found.tests} in test titles, ${found.todos} todo`;
    yield `rfc/index.tsv: RFC ${row.number} says ${row.status}, but packages that claim it have ${counts}`;
  }
}

/** RFCs whose evidence is better than their status, as `9051 Roadmap -> Partial`. */
export function suggestions(rows: readonly IndexRow[], evidence: ReadonlyMap<number, Evidence>): string[] {
  const rank: Readonly<Record<Status, number>> = { Yes: 2, Partial: 1, Roadmap: 0, No: 0, '-': 9 };
  return rows.flatMap((row) => {
    const found = evidence.get(row.number);
    if (!found || rank[provenStatus(found)] <= rank[row.status]) return [];
    const counts = `${found.code} in code, ${found.tests} in tests, ${found.todos} todo`;
    return [`${row.number} ${row.status} -> ${provenStatus(found)} (${counts}): ${row.title}`];
  });
}

/** Every generated file with the text it should have; undefined where its markers are missing. */
function generatedFiles(
  rows: readonly IndexRow[],
  packages: readonly Package[],
  citations: readonly PlacedCitation[],
): Map<string, string | undefined> {
  const index = new Map(rows.map((row) => [row.number, row]));
  const files = new Map<string, string | undefined>();
  const lists = new Map<number, ReturnType<typeof readSections>>();
  const titleOf = (number: number, section: string): string => {
    if (!lists.has(number)) lists.set(number, readSections(number));
    return lists.get(number)?.get(section) ?? '';
  };
  for (const topic of topics.keys()) files.set(xrefFile(topic), xrefPage(topic, rows, citations, titleOf));
  const fill = (file: string, name: string, content: string): void => {
    const text = files.get(file) ?? readIfThere(join(repository, file));
    files.set(file, text === undefined ? undefined : fillMarkers(text, name, content));
  };
  fill('README.md', 'packages', packagesTable(packages));
  fill('README.md', 'topics', topicsTable(rows));
  fill('README.md', 'rfcs', rfcTables(rows));
  for (const { folder, manifest } of packages.filter((pkg) => pkg.folder.startsWith('packages/'))) {
    fill(`${folder}/README.md`, 'rfc', packageTable(manifest.mox?.rfcs ?? [], index));
  }
  return files;
}

/** Compares or writes generated files; returns a fault for each that is stale or has no markers. */
function settleGenerated(files: ReadonlyMap<string, string | undefined>, write: boolean): string[] {
  const faults: string[] = [];
  for (const [file, text] of files) {
    const have = readIfThere(join(repository, file));
    if (text === undefined) faults.push(`${file}: no markers for its generated table, see CONTRIBUTING.md`);
    else if (have !== text && write) {
      mkdirSync(dirname(join(repository, file)), { recursive: true });
      writeFileSync(join(repository, file), text);
      console.log(`written: ${file}`);
    } else if (have !== text) faults.push(`${file}: its generated part is stale: node tools/rfc-xref.ts --write`);
  }
  return faults;
}

/** All faults of the repository. With `write`, section lists and generated texts are brought up to date first. */
export function checkRfcs(options: { readonly write?: boolean } = {}): { readonly faults: string[]; readonly notes: string[] } {
  const { rows, faults } = readIndex();
  const packages = readWorkspace();
  const citations = collectCitations();
  const index = new Map(rows.map((row) => [row.number, row]));
  if (options.write) for (const number of new Set(citations.map((citation) => citation.number))) writeSections(number);
  const evidence = gatherEvidence(citations, packages);
  const all = [
    ...faults.map((fault) => `rfc/index.tsv: ${fault}`),
    ...citationFaults(citations, index),
    ...claimFaults(rows, packages, evidence),
    ...settleGenerated(generatedFiles(rows, packages, citations), options.write === true),
  ];
  const notes = suggestions(rows, evidence).map((line) => `could be raised: ${line}`);
  const blind = unlisted(citations);
  if (blind.length > 0) notes.push(`no section list for RFC ${blind.join(', ')}: their sections are not checked`);
  return { faults: all, notes };
}

if (import.meta.main) {
  const { faults, notes } = checkRfcs({ write: process.argv.includes('--write') });
  if (process.argv.includes('--suggest')) for (const note of notes) console.log(note);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) console.error(`rfc-xref: ${faults.length} faults`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

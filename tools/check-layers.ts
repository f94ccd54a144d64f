// Checks the arrows between packages and between files. `node tools/check-layers.ts [--fix]`.
//
// Between packages: an import goes down or sideways, never up (types as well as values), and there is no circle.
// Between files of a package: no circle of imports; a circle that only types close is let through, since it is gone
// when the files run. Below layer 4 nothing names Node or another platform, a clock or randomness, but the one door.
// What is imported is declared, what is declared is imported, and tsconfig.json refers to what is declared.
// --fix writes the references of tsconfig.json files.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { findCircles } from './cycles.ts';
import { isNodeModule, platformGlobals } from './platform-globals.ts';
import { importsOf } from './source-scan.ts';
import { isTestFile, type Manifest, type Package, readIfThere, readWorkspace, repository } from './workspace.ts';

/** The one file below layer 4 that may know Node, and the first layer that may. */
const platformDoor = 'packages/runtime/src/platform-node.ts';
const firstNodeLayer = 4;

/** A broken rule and how to mend it. */
export interface Problem {
  readonly where: string;
  readonly message: string;
}

/** One import of a file, with what it leads to. */
interface Edge {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

interface Scanned {
  readonly pkg: Package;
  readonly layer: number;
  readonly edges: readonly Edge[];
  readonly offences: readonly Problem[];
}

/** `@scope/name` or `name` of a bare specifier; undefined for relative and `#` ones. */
export function packageOf(specifier: string): string | undefined {
  return /^(@[^/]+\/[^/]+|[^@./#][^/]*)/.exec(specifier)?.[1];
}

function scanPackage(root: string, pkg: Package): Scanned {
  const layer = pkg.manifest.mox?.layer ?? 0;
  const edges: Edge[] = [];
  const offences: Problem[] = [];
  for (const file of pkg.files) {
    const path = `${pkg.folder}/${file}`;
    const text = readFileSync(join(root, path), 'utf8');
    for (const found of importsOf(text)) edges.push({ file, ...found });
    if (layer >= firstNodeLayer || isTestFile(file) || path === platformDoor) continue;
    for (const { what, line } of platformGlobals(text)) {
      offences.push({ where: `${path}:${line}`, message: `${what} below layer ${firstNodeLayer}: take it as a parameter` });
    }
  }
  return { pkg, layer, edges, offences };
}

function* importProblems(scanned: Scanned, byName: ReadonlyMap<string, Package>): Generator<Problem> {
  const { pkg, layer, edges } = scanned;
  for (const { file, line, specifier } of edges) {
    const where = `${pkg.folder}/${file}:${line}`;
    const shipped = !isTestFile(file);
    if (shipped && layer < firstNodeLayer && isNodeModule(specifier) && `${pkg.folder}/${file}` !== platformDoor) {
      yield { where, message: `${specifier} below layer ${firstNodeLayer}: Node's modules are for the upper floors` };
    }
    if (specifier.startsWith('.') && !isInside(file, specifier)) {
      if (shipped) yield { where, message: `${specifier} leaves the package: import it by its package's name` };
    }
    const name = packageOf(specifier);
    const target = name === undefined ? undefined : byName.get(name);
    if (!name || isNodeModule(specifier) || !shipped) continue;
    if (target && (target.manifest.mox?.layer ?? 0) > layer) {
      yield { where, message: `an arrow up: layer ${layer} imports ${name} of layer ${target.manifest.mox?.layer}` };
    }
    if (target && !hasEntry(target.manifest, specifier)) yield { where, message: `${specifier} is no entry in the exports of ${name}` };
    if (name !== pkg.manifest.name && pkg.manifest.dependencies?.[name] === undefined) {
      yield { where, message: `${name} is imported but not in dependencies of ${pkg.folder}/package.json` };
    }
  }
}

function isInside(file: string, specifier: string): boolean {
  return !posix.normalize(posix.join(posix.dirname(file), specifier)).startsWith('..');
}

function hasEntry(manifest: Manifest, specifier: string): boolean {
  const entry = `.${specifier.slice(manifest.name.length)}`;
  return manifest.exports === undefined || entry in manifest.exports;
}

/** Dependencies that no file imports: shipped ones by sources, development ones by tests. */
function* unusedDependencies({ pkg, edges }: Scanned): Generator<Problem> {
  if (edges.length === 0) return; // a package that is only begun
  const shipped = new Set(edges.filter((edge) => !isTestFile(edge.file)).map((edge) => packageOf(edge.specifier)));
  const all = new Set(edges.map((edge) => packageOf(edge.specifier)));
  const where = `${pkg.folder}/package.json`;
  for (const name of Object.keys(pkg.manifest.dependencies ?? {})) {
    const remedy = all.has(name) ? 'only tests import it: move it to devDependencies' : 'nothing imports it: take it out';
    if (!shipped.has(name)) yield { where, message: `unused dependency ${name}: ${remedy}` };
  }
  for (const name of Object.keys(pkg.manifest.devDependencies ?? {})) {
    if (name.startsWith('@mox/') && !all.has(name)) yield { where, message: `unused development dependency ${name}: take it out` };
  }
}

/** Circles between the files of a package that remain when it runs. */
function* fileCircles({ pkg, edges }: Scanned): Generator<Problem> {
  const graph = new Map<string, Set<string>>(pkg.files.map((file) => [file, new Set()]));
  for (const { file, specifier, typeOnly } of edges) {
    if (!specifier.startsWith('.') || typeOnly) continue;
    const target = posix.normalize(posix.join(posix.dirname(file), specifier));
    if (graph.has(target)) graph.get(file)?.add(target);
  }
  for (const circle of findCircles(graph)) {
    yield { where: `${pkg.folder}/${circle[0]}`, message: `a circle of files: ${circle.join(' -> ')}` };
  }
}

function* packageCircles(packages: readonly Scanned[]): Generator<Problem> {
  const graph = new Map(
    packages.map(({ pkg, edges }) => {
      const imported = edges.filter((edge) => !isTestFile(edge.file)).map((edge) => packageOf(edge.specifier));
      const declared = Object.keys(pkg.manifest.dependencies ?? {});
      return [pkg.manifest.name, new Set([...imported, ...declared].filter((name) => name !== undefined && name !== pkg.manifest.name))];
    }) as [string, Set<string>][],
  );
  for (const circle of findCircles(graph)) yield { where: circle[0] ?? '', message: `a circle of packages: ${circle.join(' -> ')}` };
}

interface TsConfig {
  references?: { path: string }[];
}

/** The references that a package's tsconfig.json should have, in the order of its dependencies. */
function wantedReferences(pkg: Package, byName: ReadonlyMap<string, Package>): string[] {
  return Object.keys(pkg.manifest.dependencies ?? {})
    .flatMap((name) => byName.get(name) ?? [])
    .map((target) => posix.relative(pkg.folder, target.folder))
    .toSorted();
}

function* referenceProblems(
  root: string,
  packages: readonly Package[],
  byName: ReadonlyMap<string, Package>,
  fix: boolean,
): Generator<Problem> {
  const expected = new Map(packages.map((pkg) => [`${pkg.folder}/tsconfig.json`, wantedReferences(pkg, byName)]));
  expected.set('tsconfig.json', packages.map((pkg) => pkg.folder).toSorted());
  for (const [file, wanted] of expected) {
    const text = readIfThere(join(root, file));
    if (text === undefined) {
      if (file !== 'tsconfig.json') yield { where: file, message: 'there is none: see tools/new-package.ts' };
      continue;
    }
    const config = JSON.parse(text) as TsConfig;
    const have = (config.references ?? []).map((reference) => reference.path).toSorted();
    if (have.join() === wanted.join()) continue;
    if (fix)
      writeFileSync(join(root, file), `${JSON.stringify({ ...config, references: wanted.map((path) => ({ path })) }, undefined, 2)}\n`);
    else {
      const missing = wanted.filter((path) => !have.includes(path)).map((path) => `+${path}`);
      const surplus = have.filter((path) => !wanted.includes(path)).map((path) => `-${path}`);
      yield { where: file, message: `references differ from dependencies (${[...missing, ...surplus].join(' ')}): --fix writes them` };
    }
  }
}

/** Every broken rule of the workspace at `root`. With `fix`, references of tsconfig.json are written instead of reported. */
export function checkLayers(root: string = repository, options: { readonly fix?: boolean } = {}): Problem[] {
  const packages = readWorkspace(root);
  const byName = new Map(packages.map((pkg) => [pkg.manifest.name, pkg]));
  const scanned = packages.map((pkg) => scanPackage(root, pkg));
  return [
    ...packages
      .filter((pkg) => pkg.manifest.mox?.layer === undefined)
      .map((pkg) => ({ where: `${pkg.folder}/package.json`, message: 'no "mox": {"layer": n, "rfcs": [...]}' })),
    ...packageCircles(scanned),
    ...scanned.flatMap((one) => [...importProblems(one, byName), ...one.offences, ...fileCircles(one), ...unusedDependencies(one)]),
    ...referenceProblems(root, packages, byName, options.fix === true),
  ];
}

if (import.meta.main) {
  const problems = checkLayers(repository, { fix: process.argv.includes('--fix') });
  for (const { where, message } of problems) console.error(`${where}: ${message}`);
  if (problems.length > 0) console.error(`check-layers: ${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

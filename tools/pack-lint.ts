// What is wrong with packages as they are installed: their files, their exports, their types.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { sourceCondition } from './manifests.ts';
import type { Package } from './workspace.ts';

/** Where the tarballs are used. */
export interface Consumer {
  /** Absolute path of the project. */
  readonly folder: string;
  /** Absolute path of each package's tarball, by the package's name. */
  readonly tarballs: ReadonlyMap<string, string>;
}

/** Files that do not belong into a tarball, source conditions left in, maps that lead outside of the package. */
export function tarballFaults(consumer: Consumer, packages: readonly Package[]): string[] {
  return packages.flatMap(({ manifest: { name } }) => {
    const folder = join(consumer.folder, 'node_modules', name);
    const files = globSync('**/*', { cwd: folder, exclude: (path) => path === 'node_modules' }).map((file) => file.replaceAll('\\', '/'));
    const faults = files
      .filter((file) => /(^|\/)(src|test|bench)\/|\.test\.|\.tsbuildinfo|\.d\.c?ts\.map|(^|\/)\.[^/]+$|(?<!\.d)\.ts$/.test(file))
      .map((file) => `${name}: ships ${file}`);
    for (const wanted of ['README.md', 'LICENSE']) if (!files.includes(wanted)) faults.push(`${name}: ships no ${wanted}`);
    const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
    if (manifest.includes(sourceCondition)) faults.push(`${name}: its package.json names the condition ${sourceCondition}`);
    if (manifest.includes('workspace:')) faults.push(`${name}: its package.json has a workspace: dependency`);
    for (const file of files.filter((path) => /\.d\.c?ts$/.test(path))) {
      if (/(from|import\()\s*['"]\.[^'"]*(?<!\.js|\.cjs|\.json)['"]/.test(readFileSync(join(folder, file), 'utf8'))) {
        faults.push(`${name}: ${file} refers to a neighbour by a name that is not shipped`);
      }
    }
    return faults;
  });
}

/** What publint and are-the-types-wrong say. */
export async function installedFaults(consumer: Consumer, packages: readonly Package[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { manifest } of packages) {
    const pkgDir = join(consumer.folder, 'node_modules', manifest.name);
    const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true });
    faults.push(...messages.map((message) => `${manifest.name}: publint: ${formatMessage(message, pkg) ?? message.code}`));
    const tarball = new Uint8Array(readFileSync(consumer.tarballs.get(manifest.name) ?? ''));
    const analysis = await checkPackage(createPackageFromTarballData(tarball));
    if (!analysis.types) faults.push(`${manifest.name}: are-the-types-wrong: no types`);
    else {
      // The resolution of before Node 12 knows no `exports`: sub-paths cannot be had by it.
      const problems = analysis.problems.filter((problem) => !('resolutionKind' in problem && problem.resolutionKind === 'node10'));
      faults.push(...problems.map((problem) => `${manifest.name}: are-the-types-wrong: ${JSON.stringify(problem)}`));
    }
  }
  return faults;
}

// What the tools know of the workspace: its packages, their manifests and their files.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository. */
export const repository: string = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Conditions and paths of an `exports` or `imports` field. */
export interface Conditions {
  readonly [key: string]: string | Conditions;
}

/** The fields of a package.json that the tools read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly private?: boolean;
  readonly mox?: {
    readonly layer: number;
    readonly rfcs: readonly string[];
    /** Entries that are programs of worker threads: nobody imports them. */
    readonly workers?: readonly string[];
  };
  readonly exports?: Conditions;
  readonly imports?: Conditions;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly publishConfig?: Readonly<Record<string, unknown>>;
}

/** A package or app of the workspace. */
export interface Package {
  /** Folder relative to the repository, with slashes: `packages/spf`. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Files of the package relative to its folder, sorted. Neither dist nor node_modules. */
  readonly files: readonly string[];
}

/** Every package and app below `root`, sorted by folder. */
export function readWorkspace(root: string = repository): Package[] {
  return globSync('{packages,apps}/*/package.json', { cwd: root })
    .toSorted()
    .map((file) => {
      const folder = dirname(file).replaceAll('\\', '/');
      const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest;
      const files = globSync(['src/**/*', 'test/**/*', 'bench/**/*', 'examples/**/*'], {
        cwd: join(root, folder),
        exclude: (name) => name === 'node_modules' || name === 'dist',
      })
        .map((name) => name.replaceAll('\\', '/'))
        .filter((name) => /\.[cm]?tsx?$/.test(name))
        .toSorted();
      return { folder, manifest, files };
    });
}

/** Whether a file is a test or serves tests and benchmarks alone: it is no part of what is published. */
export function isTestFile(file: string): boolean {
  return file.endsWith('.test.ts') || !file.startsWith('src/');
}

/** The text of a file, or undefined where there is none. */
export function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

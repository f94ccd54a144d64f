import { readFileSync } from 'node:fs';
import { type Command, jsonOption } from '../cli/command.ts';

interface Versions {
  readonly mox: string;
  readonly node: string;
  readonly openssl: string;
  readonly sqlite: string;
  readonly platform: string;
}

function versions(): Versions {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', packageRoot()), 'utf8')) as { version: string };
  const { node, openssl = '', sqlite = '' } = process.versions;
  return { mox: version, node, openssl, sqlite, platform: `${process.platform}-${process.arch}` };
}

/** This file is one folder deeper in the sources than what it is built into. */
function packageRoot(): string {
  return import.meta.url.endsWith('.ts') ? new URL('..', import.meta.url).href : import.meta.url;
}

/** `mox version`: what this is, and what it runs on. */
export const versionCommand: Command = {
  name: 'version',
  summary: 'print the version, and those of what it runs on',
  arguments: '',
  argumentCount: { least: 0, most: 0 },
  options: { json: jsonOption },
  async run({ options, print }) {
    const found = versions();
    if (options['json']) print(JSON.stringify(found));
    else print(`mox ${found.mox}\nnode ${found.node}, openssl ${found.openssl}, sqlite ${found.sqlite}, ${found.platform}`);
    return 0;
  },
};

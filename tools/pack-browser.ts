// Packages below layer 4 in a browser: bundled without Node, loaded in Chromium, their README examples run there.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import type { Consumer } from './pack-lint.ts';
import { type Package, readIfThere, repository } from './workspace.ts';

/** The first layer that needs Node. */
const firstNodeLayer = 4;

const page = '<!doctype html><meta charset="utf-8"><title>packages</title>';

/** Hashes and signatures through the platform door of browsers, checked against values known from elsewhere. */
const cryptography = `
import { fromUtf8, generateKeyPair, hash, hmac, importPrivateKey, importPublicKey, pbkdf2, toHex } from '@mox/runtime';
const same = (what, have, want) => { if (have !== want) throw new Error(what + ': ' + have); };
same('sha256', toHex(hash('sha256', fromUtf8('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
same('md5', toHex(hash('md5', fromUtf8('abc'))), '900150983cd24fb0d6963f7d28e17f72');
same('hmac', toHex(hmac('md5', fromUtf8('Jefe'), fromUtf8('what do ya want for nothing?'))), '750c783e6ab0b503eaa86e310a5db738');
const derived = await pbkdf2({ algorithm: 'sha1', password: fromUtf8('password'), salt: fromUtf8('salt'), iterations: 4096, lengthBytes: 20 });
same('pbkdf2', toHex(derived), '4b007901b765489abead49d926f721d065a429c1');
for (const [type, algorithm] of [[{ type: 'rsa', bits: 2048 }, 'rsa-sha256'], [{ type: 'ed25519' }, 'ed25519']]) {
  const pair = await generateKeyPair(type);
  const data = fromUtf8('signed');
  const signature = await (await importPrivateKey(pair.privateKey)).sign(algorithm, data);
  const key = await importPublicKey('spki', pair.publicKey);
  same(algorithm, await key.verify(algorithm, data, signature), true);
  same(algorithm + ' of other data', await key.verify(algorithm, fromUtf8('other'), signature), false);
}
console.log('verified');
`;

interface Program {
  readonly title: string;
  /** Name of its file in the folder of bundles, without an extension. */
  readonly file: string;
  readonly source: string;
}

/** What is to be run: each entry imported alone, each README's example, and the cryptography of the ground. */
function programsOf(packages: readonly Package[]): Program[] {
  return packages.flatMap((pkg) => {
    const { name, exports = {} } = pkg.manifest;
    const file = name.replace(/[^a-z0-9]+/g, '_');
    const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
    const programs = entries.map((entry, i) => ({
      title: `${name}${entry.slice(1)}`,
      file: `${file}_${i}`,
      source: `import * as all from '${name}${entry.slice(1)}';\nconsole.log(Object.keys(all).length);`,
    }));
    const example = /^```ts\n([^]*?)^```$/m.exec(readIfThere(join(repository, pkg.folder, 'README.md')) ?? '')?.[1];
    if (example !== undefined && !example.includes("'node:")) {
      programs.push({ title: `the example of ${name}`, file: `${file}_example`, source: example });
    }
    if (name === '@mox/runtime') programs.push({ title: 'cryptography', file: 'cryptography', source: cryptography });
    return programs;
  });
}

/** Bundles a program as a browser's bundler does; returns what is wrong with it. */
async function bundle(consumer: Consumer, folder: string, program: Program): Promise<string[]> {
  try {
    const { outputFiles } = await build({
      stdin: { contents: program.source, resolveDir: consumer.folder, loader: 'ts', sourcefile: `${program.file}.ts` },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      conditions: ['browser'],
      target: 'es2024',
      logLevel: 'silent',
    });
    const text = outputFiles[0]?.text ?? '';
    writeFileSync(join(folder, `${program.file}.js`), text);
    const node = /\b(?:from|import|require)\s*\(?\s*["'](node:[a-z/]+)["']/.exec(text)?.[1];
    return node ? [`${program.title}: its bundle needs ${node}`] : [];
  } catch (error) {
    return [`${program.title}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Loads a bundle as a module into a fresh document; returns what it threw or logged as an error. */
async function load(tab: Page, address: string, program: Program): Promise<string[]> {
  const faults: string[] = [];
  let said = 0;
  tab.removeAllListeners();
  tab.on('pageerror', (error) => faults.push(`${program.title}: ${error.message}`));
  tab.on('console', (message) => {
    said++;
    if (message.type() === 'error') faults.push(`${program.title}: ${message.text()}`);
  });
  await tab.goto(address);
  try {
    await tab.evaluate((path) => import(path) as Promise<unknown>, `/${program.file}.js`);
  } catch (error) {
    faults.push(`${program.title}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (said === 0 && faults.length === 0) faults.push(`${program.title}: ran without a word`);
  return faults;
}

/** Everything wrong with packages in a browser. */
export async function browserFaults(consumer: Consumer, all: readonly Package[], executablePath: string): Promise<string[]> {
  const folder = join(consumer.folder, 'browser');
  mkdirSync(folder);
  const programs = programsOf(all.filter((pkg) => (pkg.manifest.mox?.layer ?? 0) < firstNodeLayer));
  const faults = (await Promise.all(programs.map((program) => bundle(consumer, folder, program)))).flat();
  const failed = new Set(faults.map((fault) => fault.slice(0, fault.indexOf(': '))));
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1);
    const text = /^[a-z0-9_]+\.js$/.test(name) ? readIfThere(join(folder, name)) : undefined;
    const isScript = text !== undefined;
    response.setHeader('content-type', isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8');
    response.end(isScript ? text : page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const options = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const browser = await chromium.launch({ executablePath, headless: true, args: [...options, ...quiet] });
  try {
    const tab = await browser.newPage();
    for (const program of programs.filter(({ title }) => !failed.has(title))) {
      faults.push(...(await load(tab, `http://127.0.0.1:${port}/`, program)));
    }
  } finally {
    await browser.close();
    server.close();
  }
  return faults;
}

#!/usr/bin/env node
// Brings the pinned Node and pnpm into .toolchain/, installs and builds what changed, then runs the
// job asked for. It runs on any Node from 20 on, needs npm and nothing else, and imports no package.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const toolchainDir = join(root, '.toolchain');
const { toolchain } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const windows = process.platform === 'win32';

/** Jobs by name: each is what runs under the pinned Node, after installing and building. */
const jobs = {
  start: (args) => ['apps/server/dist/main.js', 'localserve', ...args],
  test: (args) => ['node_modules/vitest/vitest.mjs', 'run', ...args],
  mox: (args) => ['apps/server/dist/main.js', ...args],
  run: (args) => args,
};

function fail(message, remedy) {
  console.error(`bootstrap: ${message}\n  remedy: ${remedy}`);
  process.exit(1);
}

function atLeast(version, wanted) {
  const have = version.split('.').map(Number);
  const want = wanted.split('.').map(Number);
  for (let i = 0; i < want.length; i++) {
    if (have[i] !== want[i]) return have[i] > want[i];
  }
  return true;
}

/** Installs npm packages into .toolchain/, once for each list of pinned versions. */
function installToolchain() {
  const wanted = [`pnpm@${toolchain.pnpmVersion}`];
  // The Node in .toolchain/ is not the machine's: run by it, the bootstrap must not take it away.
  const ownNode = atLeast(process.versions.node, '24.11.0') && !realpathSync(process.execPath).startsWith(toolchainDir);
  const nodePackage = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  if (!ownNode) wanted.push(`${nodePackage}@${toolchain.nodeVersion}`);
  const stamp = join(toolchainDir, 'stamp');
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8').split('\n') : [];
  if (!wanted.every((name) => installed.includes(name))) {
    console.error(`bootstrap: fetching ${wanted.join(', ')} into .toolchain/ (once)`);
    mkdirSync(toolchainDir, { recursive: true });
    writeFileSync(join(toolchainDir, 'package.json'), '{"private":true}\n');
    const npm = spawnSync(
      windows ? 'npm.cmd' : 'npm',
      ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...wanted],
      { cwd: toolchainDir, stdio: ['ignore', 2, 2], shell: windows },
    );
    if (npm.status !== 0) {
      fail(`npm could not install ${wanted.join(' and ')}`, 'check that npm reaches its registry (npm ping), then run the command again');
    }
    writeFileSync(stamp, wanted.join('\n'));
  }
  const modules = join(toolchainDir, 'node_modules');
  return {
    node: ownNode ? process.execPath : join(modules, nodePackage, 'bin', windows ? 'node.exe' : 'node'),
    pnpm: join(modules, 'pnpm', 'bin', 'pnpm.mjs'),
    commands: join(modules, '.bin'),
  };
}

function run(command, args, env, remedy) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], env });
  if (status !== 0) fail(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`, remedy);
}

/** Installs the workspace's dependencies when the lock file is not the one last installed. */
function installDependencies(tools, env) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.mox-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  run(
    tools.node,
    [tools.pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'],
    env,
    'read the lines above; a changed package.json needs a new lock file: node tools/bootstrap.mjs pnpm install',
  );
  writeFileSync(stamp, lock);
}

const [job, ...args] = process.argv.slice(2);
if (job !== 'pnpm' && !Object.hasOwn(jobs, job ?? '')) {
  fail(`unknown job ${JSON.stringify(job)}`, `one of: ${[...Object.keys(jobs), 'pnpm'].join(', ')}`);
}
const tools = installToolchain();
const path = [dirname(tools.node), tools.commands, process.env.PATH].join(delimiter);
// What the server tells its user to type: there is no `mox` on the PATH of a checkout.
const env = { ...process.env, PATH: path, MOX_COMMAND: 'npm run -s mox --' };
let command = [tools.node, tools.pnpm, ...args];
if (job !== 'pnpm') {
  installDependencies(tools, env);
  if (job !== 'run') run(tools.node, ['tools/build.ts'], env, 'mend the error above, then run the command again');
  command = [tools.node, ...jobs[job](args)];
}
const child = spawn(command[0], command.slice(1), { cwd: root, stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  // A terminal sends Ctrl-C to the child as well: passed on, it would arrive twice.
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal));
}
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)));

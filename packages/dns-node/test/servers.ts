// nsd and unbound on the loopback, with the configuration that a test has put into a folder of its own.
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where servers are found: Debian keeps them out of the path of users. */
export const environment: NodeJS.ProcessEnv = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

/** Those of some programs that are missing on this machine. */
export function findMissing(programs: readonly string[]): readonly string[] {
  return programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`], { env: environment }).status !== 0);
}

export async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

async function answers(port: number, name: string): Promise<boolean> {
  const socket = createSocket('udp4');
  const labels = name.split('.').map((label) => `${String.fromCharCode(label.length)}${label}`);
  const query = Buffer.from(`\x12\x34\x01\0\0\x01\0\0\0\0\0\0${labels.join('')}\0\0\x06\0\x01`, 'latin1');
  try {
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.send(query);
    const [response] = (await once(socket, 'message', { signal: AbortSignal.timeout(1000) })) as [Buffer];
    return ((response[3] ?? 15) & 15) === 0;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

export async function waitFor(port: number, zone: string = 'insecure.example'): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await answers(port, zone)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing answers at port ${port}`);
}

/** The configuration of nsd for zones by their files, which are named as the zones or `<zone>.signed`. */
export function nsdConfig(folder: string, port: number, zones: readonly string[]): string {
  return `server:
  ip-address: 127.0.0.1@${port}
  username: ""
  zonesdir: "${folder}"
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  zonelistfile: "${folder}/zone.list"
  xfrdir: "${folder}"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
${zones.map((zone) => `zone:\n  name: "${zone.replace('.signed', '')}"\n  zonefile: "${zone}"\n`).join('')}`;
}

/** What an unbound of the tests serves. */
export interface UnboundSettings {
  readonly folder: string;
  readonly port: number;
  /** Where the authoritative server answers for these zones. */
  readonly authorityPort: number;
  readonly zones: readonly string[];
  /** Further lines of the server's section, e.g. trust anchors. */
  readonly lines?: readonly string[];
}

/** The configuration of an unbound that validates and asks one authoritative server on the loopback. */
export function unboundConfig({ folder, port, authorityPort, zones, lines = [] }: UnboundSettings): string {
  const own = [
    `interface: 127.0.0.1@${port}`,
    'do-not-query-localhost: no',
    'module-config: "validator iterator"',
    'chroot: ""',
    'username: ""',
    `directory: "${folder}"`,
    'pidfile: ""',
    'use-syslog: no',
    'do-daemonize: no',
    'num-threads: 1',
    'ede: yes',
    'val-log-level: 0',
  ];
  return `server:
${[...own, ...lines].map((line) => `  ${line}\n`).join('')}remote-control:
  control-enable: no
${zones.map((zone) => `stub-zone:\n  name: "${zone}"\n  stub-addr: 127.0.0.1@${authorityPort}\n`).join('')}`;
}

/**
 * Starts both with the `nsd.conf` and `unbound.conf` of a folder and waits until they are ready. What is returned ends them and removes
 * the folder, as is done where they do not become ready.
 */
export async function startServers(folder: string, ready: () => Promise<void>): Promise<() => Promise<void>> {
  const children = ['nsd', 'unbound'].map((name) =>
    spawn(name, ['-d', '-c', join(folder, `${name}.conf`)], { env: environment, stdio: 'ignore' }),
  );
  const stop = async (): Promise<void> => {
    // nsd writes its state when it ends: the folder goes last.
    const ends = children.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit'));
    for (const child of children) child.kill();
    await Promise.all(ends);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

// Against smtp-sink of Postfix, which can be told to misbehave at each step.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort, makeMessage, makeSender } from './scripted-server.ts';

const environment = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
const missing = spawnSync('sh', ['-c', 'command -v smtp-sink'], { env: environment }).status !== 0;
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function startSink(options: readonly string[]): Promise<number> {
  const port = await freePort();
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('smtp-sink', [...user, ...options, `127.0.0.1:${port}`, '50'], { env: environment, stdio: 'ignore', cwd: '/tmp' });
  stops.push(async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  });
  for (let i = 0; i < 100; i++) {
    const socket = connect(port, '127.0.0.1');
    const ready = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(
      () => false,
    );
    socket.destroy();
    if (ready) return port;
    await sleep(20);
  }
  throw new Error('smtp-sink does not listen');
}

describe.skipIf(missing && !process.env['CI'])('smtp-sink', () => {
  it.each<[string, string[], string]>([
    ['RFC 5321 §3.3: takes mail', [], 'relayed'],
    ['RFC 5321 §3.2: knows HELO alone', ['-e'], 'relayed'],
    ['RFC 2920 §3.1: without PIPELINING', ['-p'], 'relayed'],
    ['RFC 5321 §4.2.1: 5yz to the connection', ['-f', 'connect'], 'failed'],
    ['RFC 5321 §4.2.1: 4yz to the connection', ['-r', 'connect'], 'deferred'],
    ['RFC 5321 §4.2.1: 4yz to EHLO', ['-r', 'ehlo'], 'deferred'],
    ['RFC 5321 §4.2.1: 5yz to MAIL', ['-f', 'mail'], 'failed'],
    ['RFC 5321 §4.2.1: 4yz to MAIL', ['-r', 'mail'], 'deferred'],
    ['RFC 5321 §4.2.1: 5yz to RCPT', ['-f', 'rcpt'], 'failed'],
    ['RFC 5321 §4.2.1: 4yz to RCPT', ['-r', 'rcpt'], 'deferred'],
    ['RFC 5321 §4.2.1: 5yz to DATA', ['-f', 'data'], 'failed'],
    ['RFC 5321 §4.2.1: 4yz to DATA', ['-r', 'data'], 'deferred'],
    ['RFC 5321 §4.2.1: 5yz to the content', ['-f', '.'], 'failed'],
    ['RFC 5321 §4.2.1: 4yz to the content', ['-r', '.'], 'deferred'],
    ['closes at MAIL', ['-q', 'mail'], 'deferred'],
    ['closes at RCPT', ['-q', 'rcpt'], 'deferred'],
    ['closes at DATA', ['-q', 'data'], 'deferred'],
    ['closes at the content', ['-q', '.'], 'deferred'],
  ])('%s', async (_name, options, expected) => {
    const port = await startSink(options);
    const zone = 'example.org. MX 10 mx.example.org.\nmx.example.org. A 127.0.0.1';
    const { recipients } = await makeSender({ zone, port })(makeMessage(2));
    expect(recipients.map(({ status }) => status.split('-')[0])).toEqual([expected, expected]);
  });
});

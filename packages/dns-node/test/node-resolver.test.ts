import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@mox/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResolver, NodeResolver } from '../src/index.ts';
import { addressRecord, type FakeServer, respond, startFakeServer } from './fake-server.ts';

describe('createResolver', () => {
  let server: FakeServer;
  let folder: string;
  beforeAll(async () => {
    server = await startFakeServer(({ query }) => respond(query, { answers: [addressRecord(query.questions[0]?.name ?? '')] }));
    folder = mkdtempSync(join(tmpdir(), 'mox-dns-'));
    writeFileSync(join(folder, 'hosts'), '192.0.2.7 host.example\n');
    writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.9\noptions timeout:1 attempts:1\n');
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('reads the names of the machine, and asks the servers given', async () => {
    const resolver = await createResolver({ servers: [{ address: '127.0.0.1', port: server.port }], hostsPath: join(folder, 'hosts') });
    expect((await resolver.query('host.example', 'A')).records[0]?.data).toBe('192.0.2.7');
    expect((await resolver.query('mail.example', 'A')).records[0]?.data).toBe('192.0.2.1');
    expect(server.asked).toHaveLength(1);
    resolver.close();
  });

  it('reads servers from resolv.conf; files that are missing are empty ones', async () => {
    const resolver = await createResolver({ resolvConfPath: join(folder, 'resolv.conf'), hostsPath: join(folder, 'none') });
    const answer = await resolver.query('mail.example', 'A');
    expect(answer).toMatchObject({ status: 'timeout', problem: expect.stringContaining('127.0.0.9') });
    resolver.close();
  });

  it('keeps answers by the clock it is given, until told to forget', async () => {
    const clock = new ManualClock(0);
    const resolver = new NodeResolver({ servers: [{ address: '127.0.0.1', port: server.port }], clock });
    const before = server.asked.length;
    for (let i = 0; i < 3; i++) await resolver.query('kept.example', 'A');
    expect(server.asked.length - before).toBe(1);
    clock.advance(60_000);
    await resolver.query('kept.example', 'A');
    expect(server.asked.length - before).toBe(2);
    resolver.clearCache();
    await resolver.query('kept.example', 'A');
    expect(server.asked.length - before).toBe(3);
    resolver.close();
  });
});

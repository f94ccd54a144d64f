import { fromUtf8, Secret, toHex, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { cramMd5Client, cramMd5Digest, cramMd5Server } from './cram-md5.ts';
import type { SaslServerStep } from './sasl-server.ts';

const secret = new Secret('tanstaaftanstaaf');
const random = { bytes: (count: number) => new Uint8Array(count).fill(7) };

function respond(text: (digest: string) => string): SaslServerStep {
  const server = cramMd5Server.create({ random, hostname: 'mail.example.org' });
  const step = server.step(undefined);
  if (step.type !== 'challenge') throw new Error(step.type);
  const next = server.step(fromUtf8(text(toHex(cramMd5Digest(secret, step.data)))));
  return next.type === 'lookup' ? server.answer({ type: 'shared-secret', secret }) : next;
}

describe('CRAM-MD5', () => {
  it('RFC 2195 §2: the challenge has the form of a message identifier', () => {
    const step = cramMd5Server.create({ random, hostname: 'mail.example.org' }).step(undefined);
    expect(step.type === 'challenge' && toUtf8(step.data)).toBe('<0707070707070707.0707070707070707@mail.example.org>');
  });

  it('RFC 2195 §2: the right digest succeeds, also for a name with spaces', () => {
    expect(respond((digest) => `tim ${digest}`)).toMatchObject({ type: 'success', identity: { authcid: 'tim' } });
    expect(respond((digest) => `tim b. ${digest}`)).toMatchObject({ type: 'success', identity: { authcid: 'tim b.' } });
  });

  it.each([
    (d: string) => `tim ${d.slice(1)}`,
    (d: string) => `tim ${d.toUpperCase()}`,
    (d: string) => d,
    (d: string) => ` ${d}`,
    () => '',
  ])('RFC 2195 §2: response %# is malformed', (text) => {
    expect(respond(text)).toMatchObject({ type: 'failure', reason: 'malformed' });
  });

  it('a wrong digest fails, as does an initial response', () => {
    expect(respond(() => `tim ${'0'.repeat(32)}`)).toMatchObject({ type: 'failure', reason: 'invalid-credentials', authcid: 'tim' });
    expect(cramMd5Server.create({}).step(fromUtf8('tim'))).toMatchObject({ type: 'failure', reason: 'malformed' });
  });

  it('a directory that keeps no password may answer the digest', () => {
    const server = cramMd5Server.create({});
    const step = server.step(undefined);
    const digest = cramMd5Digest(secret, step.type === 'challenge' ? step.data : fromUtf8(''));
    server.step(fromUtf8(`tim ${toHex(digest)}`));
    expect(server.answer({ type: 'cram-md5', digest, authcid: 'account' })).toMatchObject({ identity: { authcid: 'account' } });
  });

  it('a client takes no success before it was challenged', () => {
    const client = cramMd5Client.create({ credentials: { username: 'tim', password: secret }, announced: [] });
    client.start();
    expect(client.finish()).toMatchObject({ type: 'failure', reason: 'server-not-authenticated' });
  });
});

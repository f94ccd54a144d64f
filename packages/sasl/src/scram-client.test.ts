import { fromUtf8, Secret, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { createSaslClient } from './client-mechanisms.ts';
import type { SaslClient, SaslClientOptions } from './sasl-client.ts';
import { answerSaslClientLookup } from './scram-client.ts';

const random = { bytes: (count: number) => new Uint8Array(count) };
const nonce = 'A'.repeat(24);

function client(options: Partial<SaslClientOptions> = {}): SaslClient {
  const credentials = { username: 'us,er', password: new Secret('pencil') };
  const machine = createSaslClient('SCRAM-SHA-256', { credentials, announced: [], random, ...options });
  if (!machine) throw new Error('not usable');
  return machine;
}

function afterFirst(options?: Partial<SaslClientOptions>): SaslClient {
  const machine = client(options);
  machine.start();
  return machine;
}

async function afterFinal(): Promise<SaslClient> {
  const machine = afterFirst();
  const step = machine.step(fromUtf8(`r=${nonce}xyz,s=QQ==,i=4096`));
  if (step.type === 'lookup') machine.answer(await answerSaslClientLookup(step.lookup));
  return machine;
}

describe('SCRAM on a client', () => {
  it('RFC 5802 §5.1: writes commas and equals signs of names in its own way', () => {
    expect(toUtf8(client().start() ?? new Uint8Array(0))).toBe(`n,,n=us=2Cer,r=${nonce}`);
    const acting = client({ credentials: { username: 'u', password: new Secret('p'), authzid: 'a=b' } });
    expect(toUtf8(acting.start() ?? new Uint8Array(0))).toBe(`n,a=a=3Db,n=u,r=${nonce}`);
  });

  it('RFC 5802 §7: nobody in particular is asked for by no authzid, not by an empty one', () => {
    const nobody = client({ credentials: { username: 'u', password: new Secret('p'), authzid: '' } });
    expect(toUtf8(nobody.start() ?? new Uint8Array(0))).toBe(`n,,n=u,r=${nonce}`);
  });

  it.each([
    ['e=other-error', 'malformed'],
    ['', 'malformed'],
    ['r=other,s=QQ==,i=4096', 'server-not-authenticated'],
    [`r=${nonce},s=QQ==,i=4096`, 'server-not-authenticated'],
    [`r=${nonce}x,s=QQ==,i=1`, 'unacceptable-parameters'],
    [`r=${nonce}x,s=QQ==,i=4000000000`, 'unacceptable-parameters'],
    [`m=x,r=${nonce}x,s=QQ==,i=4096`, 'malformed'],
  ])('RFC 5802 §5.1: gives up on %j: %s', (challenge, reason) => {
    expect(afterFirst().step(fromUtf8(challenge))).toMatchObject({ type: 'failure', reason });
  });

  it('RFC 5802 §9: the limits on the work are options', () => {
    const challenge = fromUtf8(`r=${nonce}x,s=QQ==,i=1`);
    expect(afterFirst({ minIterations: 1 }).step(challenge)).toMatchObject({ type: 'lookup', lookup: { iterations: 1 } });
    expect(afterFirst({ minIterations: 1, maxIterations: 1 }).step(fromUtf8(`r=${nonce}x,s=QQ==,i=2`)).type).toBe('failure');
  });

  it('RFC 5802 §5: success without the right signature of the server is not believed', async () => {
    expect(afterFirst().finish()).toMatchObject({ type: 'failure', reason: 'server-not-authenticated' });
    expect((await afterFinal()).finish()).toMatchObject({ type: 'failure', reason: 'server-not-authenticated' });
    expect((await afterFinal()).finish(fromUtf8('v=QQ=='))).toMatchObject({ type: 'failure', reason: 'server-not-authenticated' });
    expect((await afterFinal()).step(fromUtf8('v=QQ=='))).toMatchObject({ type: 'failure', reason: 'server-not-authenticated' });
    expect((await afterFinal()).step(fromUtf8('e=invalid-proof'))).toMatchObject({ type: 'failure', reason: 'refused' });
  });
});

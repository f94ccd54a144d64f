// Exchanges in which somebody changes one message on its way.
import { equalBytes, Secret } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { createSaslClient, createSaslServer, makeScramCredentials, type SaslClient, saslServerMechanisms } from '../src/index.ts';
import { directory, exchange, tlsInfo } from './drive.ts';

const everything = saslServerMechanisms.map(({ name }) => name);
const tls = tlsInfo({ peerCertificate: { der: new Uint8Array(3), trusted: true } });
const credentials = { username: 'user', password: new Secret('pencil'), token: new Secret('token'), external: true, anonymous: 'guest' };
const source = directory({ username: 'user', password: 'pencil' });
const tokens = ['\0', '\x01', ',', '=', 'n=', 'a=', 'r=', 'c=', 'p=', 'n,,', 'y,,', 'p=tls-exporter,,', 'x=y', '=2C', ' '];

/** A client one of whose messages comes out changed. */
function tampered(
  client: SaslClient,
  turn: number,
  change: (message: Uint8Array) => Uint8Array,
): SaslClient & { readonly changed: boolean } {
  let turns = 0;
  let changed = false;
  const pass = (message: Uint8Array): Uint8Array => {
    if (turns++ !== turn) return message;
    const other = change(message);
    changed = !equalBytes(message, other);
    return other;
  };
  return {
    ...client,
    get changed() {
      return changed;
    },
    start: () => {
      const data = client.start();
      return data && pass(data);
    },
    step: (challenge) => {
      const step = client.step(challenge);
      return step.type === 'response' ? { ...step, data: pass(step.data) } : step;
    },
    answer: (answer) => {
      const step = client.answer(answer);
      return step.type === 'response' ? { ...step, data: pass(step.data) } : step;
    },
  };
}

describe('messages changed on their way', () => {
  it.each(everything)('%s: the server never throws, and whoever signs succeeds only unchanged', async (mechanism) => {
    const hash = (['sha256', 'sha512', 'sha1'] as const).find((one) => mechanism.includes(one.slice(3)));
    const kept = hash && (await makeScramCredentials({ password: credentials.password, hash, iterations: 1 }));
    for (let round = 0; round < 240; round++) {
      const client = createSaslClient(mechanism, { credentials, announced: everything, tls, minIterations: 1 });
      const server = createSaslServer(mechanism, { tls, mechanisms: everything });
      if (!client || !server) throw new Error(mechanism);
      const change = (message: Uint8Array): Uint8Array => [...mutants([message], { count: 1, seed: round, tokens })][0] ?? message;
      const changing = tampered(client, round % 3, change);
      const outcome = await exchange(changing, server, async (lookup) => {
        return lookup.type === 'scram' && kept && lookup.authcid === 'user' ? { type: 'scram', credentials: kept } : source(lookup);
      });
      if (changing.changed && /SCRAM|CRAM/.test(mechanism)) expect(outcome.server.type, `round ${round}`).toBe('failure');
      if (!changing.changed) expect(outcome.server.type).toBe('success');
    }
  });
});

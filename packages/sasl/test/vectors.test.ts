import { decodeBase64 } from '@mox/encoding';
import { fromUtf8, Secret, toHex, toUtf8 } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { expect, it } from 'vitest';
import { describeConformance, readConformance } from '../../../tools/conformance.ts';
import { clientMachine } from '../src/client-script.ts';
import { answerSaslClientLookup, cramMd5Digest, makeScramCredentials, type ScramHash } from '../src/index.ts';
import { prepare } from '../src/prepare.ts';
import { converseScram } from '../src/scram-client.ts';
import { serveScram } from '../src/scram-server.ts';
import { serverMachine } from '../src/server-script.ts';

interface ScramVector {
  readonly source: string;
  readonly mechanism: string;
  readonly username: string;
  readonly password: string;
  readonly clientNonce: string;
  readonly salt: string;
  readonly iterations: number;
  readonly clientFirst: string;
  readonly serverFirst: string;
  readonly clientFinal: string;
  readonly serverFinal: string;
}

interface Vectors {
  readonly scram: readonly ScramVector[];
  readonly cramMd5: readonly { source: string; username: string; password: string; challenge: string; response: string }[];
  readonly preparation: readonly { source: string; profile: string; input: string; output?: string; error?: boolean }[];
}

const hashes: Readonly<Record<string, ScramHash>> = { 'SCRAM-SHA-1': 'sha1', 'SCRAM-SHA-256': 'sha256' };

describeConformance('sasl', 'vectors', () => {
  const vectors = JSON.parse(toUtf8(readConformance('sasl', 'vectors.json'))) as Vectors;

  it.each(vectors.scram)('$source: the server says what the example says', async (vector) => {
    const hash = hashes[vector.mechanism] ?? 'sha1';
    const nonce = vector.serverFirst.slice('r='.length + vector.clientNonce.length).split(',')[0] ?? '';
    const variant = { name: vector.mechanism, hash, plus: false };
    const server = serverMachine(vector.mechanism, {}, (initial) => serveScram(variant, { successData: true }, { initial, nonce }));
    expect(server.step(fromUtf8(vector.clientFirst))).toMatchObject({ type: 'lookup', lookup: { authcid: vector.username } });
    const { password, iterations } = vector;
    const credentials = await makeScramCredentials({
      password: new Secret(password),
      hash,
      iterations,
      salt: unwrap(decodeBase64(vector.salt)),
    });
    expect(server.answer({ type: 'scram', credentials })).toEqual({ type: 'challenge', data: fromUtf8(vector.serverFirst) });
    expect(server.step(fromUtf8(vector.clientFinal))).toMatchObject({ type: 'success', data: fromUtf8(vector.serverFinal) });
  });

  it.each(vectors.scram)('$source: the client says what the example says', async (vector) => {
    const options = { credentials: { username: vector.username, password: new Secret(vector.password) }, announced: [] };
    const client = clientMachine(
      vector.mechanism,
      converseScram({ hash: hashes[vector.mechanism] ?? 'sha1', plus: false }, options, vector.clientNonce),
    );
    expect(toUtf8(client.start() ?? new Uint8Array(0))).toBe(vector.clientFirst);
    const step = client.step(fromUtf8(vector.serverFirst));
    if (step.type !== 'lookup') throw new Error(step.type);
    expect(client.answer(await answerSaslClientLookup(step.lookup))).toEqual({ type: 'response', data: fromUtf8(vector.clientFinal) });
    expect(client.finish(fromUtf8(vector.serverFinal))).toEqual({ type: 'success' });
  });

  it.each(vectors.cramMd5)('$source: the digest', ({ username, password, challenge, response }) => {
    expect(`${username} ${toHex(cramMd5Digest(new Secret(password), fromUtf8(challenge)))}`).toBe(response);
  });

  it.each(vectors.preparation.filter(({ profile }) => profile === 'SASLprep'))('$source: $input', ({ input, output, error }) => {
    expect(prepare(input)).toBe(error ? undefined : output);
  });
});

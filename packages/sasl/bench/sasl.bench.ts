// Whole exchanges, both ends. There is no npm peer for the server's part; the work that is there in any case is PBKDF2 and HMAC.
import { fromUtf8, pbkdf2, Secret } from '@mox/runtime';
import { benchmark } from '../../../tools/bench-harness.ts';
import { type CredentialSource, createSaslServer, makeScramCredentials } from '../src/index.ts';
import { parseClientFirst } from '../src/scram-message.ts';
import { login, tlsInfo } from '../test/drive.ts';

const password = new Secret('pencil');
const credentials = await makeScramCredentials({ password, hash: 'sha256' });
const source: CredentialSource = async (lookup) => (lookup.type === 'scram' ? { type: 'scram', credentials } : { type: 'accepted' });
const tls = tlsInfo();
const client = { credentials: { username: 'user', password }, announced: [], tls };
const plain = fromUtf8('\0user\0pencil');

await benchmark('PLAIN, server', { ours: () => createSaslServer('PLAIN', { tls })?.step(plain) });
await benchmark('PLAIN, both ends', { ours: () => login('PLAIN', { client, server: { tls }, source }) });
await benchmark('SCRAM-SHA-256-PLUS, both ends, 4096 iterations', {
  ours: () => login('SCRAM-SHA-256-PLUS', { client, server: { tls }, source }),
  'PBKDF2 alone': () =>
    pbkdf2({ algorithm: 'sha256', password: fromUtf8('pencil'), salt: credentials.salt, iterations: 4096, lengthBytes: 32 }),
});
await benchmark('SCRAM-SHA-256, server until the challenge', {
  ours: () => {
    const server = createSaslServer('SCRAM-SHA-256', {});
    server?.step(fromUtf8('n,,n=user,r=abcdefghijklmnopqrstuvwx'));
    return server?.answer({ type: 'scram', credentials });
  },
});
const hostile = fromUtf8(`n,,n=user,r=abc${',x=y'.repeat(4000)}`);
await benchmark('hostile: first message of 16 KB of attributes', { ours: () => parseClientFirst(hostile) }, { bytes: hostile.length });
const names = fromUtf8(`n,a=${'=2C'.repeat(5000)},n=${'=2'.repeat(10)},r=abc`);
await benchmark('hostile: a name of 15 KB of escapes', { ours: () => parseClientFirst(names) }, { bytes: names.length });

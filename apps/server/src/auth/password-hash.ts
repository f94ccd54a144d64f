import * as crypto from 'node:crypto';
import type { Secret } from '@mox/runtime';

/**
 * Cost of new hashes: OWASP's choice for Argon2id with 46 MiB and one pass, about 50 ms of one core. As strong as 19 MiB and two
 * passes, and blocks above 32 MiB are given back to the system by glibc, where smaller ones stay with each thread for good.
 */
const argon2Cost = { memory: 47_104, passes: 1, parallelism: 1 } as const;
/** Hashes computed at once: each takes its memory. */
const mostAtOnce = 2;
const scryptCost = { ln: 15, r: 8, p: 1 } as const;
const hashBytes = 32;
/** Bounds on what a stored hash may ask of this machine. */
const most = { memory: 1_048_576, passes: 64, parallelism: 16, ln: 20, r: 32, p: 16 } as const;

/** A hash in the PHC string format, taken apart. */
interface PhcString {
  readonly id: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

function formatPhc({ id, parameters, salt, hash }: PhcString, version?: number): string {
  const costs = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return `$${id}${version === undefined ? '' : `$v=${version}`}$${costs.join(',')}$${base64(salt)}$${base64(hash)}`;
}

function parsePhc(text: string): PhcString | undefined {
  const match = /^\$([a-z0-9-]{1,32})(?:\$v=\d{1,4})?\$([a-z0-9=,]{1,100})\$([A-Za-z0-9+/]{1,200})\$([A-Za-z0-9+/]{1,200})$/.exec(text);
  if (!match) return undefined;
  const [, id = '', costs = '', salt = '', hash = ''] = match;
  const parameters = Object.fromEntries(costs.split(',').map((cost) => [cost.split('=')[0] ?? '', Number(cost.split('=')[1])]));
  return { id, parameters, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function within(parameters: Readonly<Record<string, number>>, limits: Readonly<Record<string, number>>): boolean {
  return Object.entries(limits).every(([name, limit]) => {
    const value = parameters[name];
    return value !== undefined && Number.isInteger(value) && value >= 1 && value <= limit;
  });
}

function deriveArgon2(password: Uint8Array, { parameters, salt, hash }: PhcString): Promise<Uint8Array> | undefined {
  if (!within(parameters, { m: most.memory, t: most.passes, p: most.parallelism })) return undefined;
  const { m = 0, t = 0, p = 0 } = parameters;
  return new Promise((resolve, reject) =>
    crypto.argon2(
      'argon2id',
      { message: password, nonce: salt, memory: m, passes: t, parallelism: p, tagLength: hash.length },
      (error, tag) => (error ? reject(error) : resolve(tag)),
    ),
  );
}

function deriveScrypt(password: Uint8Array, { parameters, salt, hash }: PhcString): Promise<Uint8Array> | undefined {
  if (!within(parameters, { ln: most.ln, r: most.r, p: most.p })) return undefined;
  const { ln = 0, r = 0, p = 0 } = parameters;
  const options = { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r };
  return new Promise((resolve, reject) =>
    crypto.scrypt(password, salt, hash.length, options, (error, key) => (error ? reject(error) : resolve(key))),
  );
}

const schemes: Readonly<Record<string, (password: Uint8Array, phc: PhcString) => Promise<Uint8Array> | undefined>> = {
  argon2id: deriveArgon2,
  scrypt: deriveScrypt,
};

let running = 0;
const waiting: (() => void)[] = [];

/** Runs a computation as soon as fewer than the allowed number run. */
async function inTurn<T>(compute: () => Promise<T> | undefined): Promise<T | undefined> {
  if (running >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await compute();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

/** A new hash of a password in the PHC string format: Argon2id (RFC 9106), or scrypt (RFC 7914) where this Node has no Argon2. */
export async function hashPassword(password: Secret): Promise<string> {
  const bytes = Buffer.from(password.reveal());
  const salt = crypto.randomBytes(16);
  const blank = new Uint8Array(hashBytes);
  const argon2 = typeof crypto.argon2 === 'function';
  const { memory, passes, parallelism } = argon2Cost;
  const phc: PhcString = argon2
    ? { id: 'argon2id', parameters: { m: memory, t: passes, p: parallelism }, salt, hash: blank }
    : { id: 'scrypt', parameters: scryptCost, salt, hash: blank };
  const hash = await inTurn(() => (argon2 ? deriveArgon2(bytes, phc) : deriveScrypt(bytes, phc)));
  if (!hash) throw new TypeError('the cost of new hashes is out of bounds');
  return formatPhc({ ...phc, hash }, argon2 ? 19 : undefined);
}

/** Whether a password is the one of a hash, in a time that does not depend on how wrong it is. False for a hash that cannot be read. */
export async function verifyPassword(password: Secret, phcText: string): Promise<boolean> {
  const phc = parsePhc(phcText);
  const hash = phc && (await inTurn(() => schemes[phc.id]?.(Buffer.from(password.reveal()), phc)));
  return hash !== undefined && phc !== undefined && crypto.timingSafeEqual(hash, phc.hash);
}

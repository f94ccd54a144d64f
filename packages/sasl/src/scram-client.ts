import { encodeBase64 } from '@mox/encoding';
import {
  type ChannelBindingType,
  concatBytes,
  emptyBytes,
  fromUtf8,
  hmac,
  pbkdf2,
  Secret,
  systemRandom,
  timingSafeEqual,
} from '@mox/runtime';
import { bestBinding } from './channel-binding.ts';
import { hasPassword, preparedPassword, requestedIdentity } from './client-credentials.ts';
import { ask, type ClientScript, clientMachine, concluded, gaveUp, respond, tooEarly } from './client-script.ts';
import { formatGs2Header, formatSaslName } from './gs2.ts';
import type { SaslClientMechanism } from './mechanism.ts';
import type { SaslClientAnswer, SaslClientFailure, SaslClientLookup, SaslClientOptions } from './sasl-client.ts';
import { deriveScramKeys, digestBytes, type ScramHash, scramNames } from './scram-credentials.ts';
import { applySignature, authMessage, parseServerFinal, parseServerFirst, type ServerFirst } from './scram-message.ts';

interface Variant {
  readonly hash: ScramHash;
  readonly plus: boolean;
}

const defaultMinIterations = 4096;
const defaultMaxIterations = 1_000_000;

/** What the client says of channel binding (RFC 5802 §6), and the data that it binds to. */
function bind(variant: Variant, options: SaslClientOptions): { flag: 'n' | 'y' | 'p'; bindingType?: ChannelBindingType; data: Uint8Array } {
  const best = bestBinding(options.tls);
  if (variant.plus && best) return { flag: 'p', bindingType: best.type, data: best.data };
  // Of any hash: a server that binds channels takes "y" as a sign that its list was cut, whatever mechanism is used then.
  const announcedPlus = options.announced.some((name) => /^SCRAM-.*-PLUS$/i.test(name));
  return { flag: best && !announcedPlus ? 'y' : 'n', data: emptyBytes };
}

function judge(first: ServerFirst | undefined, nonce: string, options: SaslClientOptions): ServerFirst | SaslClientFailure {
  const { minIterations = defaultMinIterations, maxIterations = defaultMaxIterations } = options;
  if (!first) return gaveUp('malformed', 'not a server-first-message');
  // RFC 5802 §5.1: the nonce must begin with the client's own.
  if (!first.nonce.startsWith(nonce) || first.nonce.length === nonce.length)
    return gaveUp('server-not-authenticated', 'the server did not add to the nonce it was sent');
  if (first.iterations >= minIterations && first.iterations <= maxIterations) return first;
  return gaveUp('unacceptable-parameters', `${first.iterations} iterations, agreed to are ${minIterations} to ${maxIterations}`);
}

function judgeFinal(data: Uint8Array | undefined, expected: Uint8Array): SaslClientFailure | undefined {
  const final = data && parseServerFinal(data);
  if (!final) return gaveUp('server-not-authenticated', 'no server-final-message');
  if ('error' in final) return gaveUp('refused', `the server refuses: ${final.error}`);
  if (timingSafeEqual(final.signature, expected)) return undefined;
  return gaveUp('server-not-authenticated', 'the server does not know the password');
}

/** The exchange of RFC 5802 §5, with the client's nonce given. */
export function* converseScram(variant: Variant, options: SaslClientOptions, clientNonce: string): ClientScript {
  const { username, password } = preparedPassword(options.credentials);
  const { data: bindingData, ...binding } = bind(variant, options);
  const authzid = requestedIdentity(options.credentials);
  const gs2 = formatGs2Header(authzid === undefined ? binding : { ...binding, authzid });
  const firstBare = `n=${formatSaslName(username)},r=${clientNonce}`;

  const heardFirst = yield* respond(fromUtf8(gs2 + firstBare));
  if (heardFirst.type === 'end') return tooEarly();
  const first = judge(parseServerFirst(heardFirst.data), clientNonce, options);
  if ('type' in first) return first;

  const { hash, salt, iterations } = { hash: variant.hash, ...first };
  const { key } = yield* ask({ type: 'salted-password', hash, password: new Secret(password), salt, iterations });
  const { clientKey, storedKey, serverKey } = deriveScramKeys(hash, key);
  const withoutProof = `c=${encodeBase64(concatBytes([fromUtf8(gs2), bindingData]))},r=${first.nonce}`;
  const message = authMessage(firstBare, first.text, withoutProof);
  const proof = applySignature({ hash, storedKey, message, value: clientKey });

  const heardFinal = yield* respond(fromUtf8(`${withoutProof},p=${encodeBase64(proof)}`));
  const failure = judgeFinal(heardFinal.data, hmac(hash, serverKey, message));
  if (failure) return failure;
  return heardFinal.type === 'end' ? { type: 'success' } : concluded(yield* respond(emptyBytes));
}

/** Does the work that a client machine asks for. */
export async function answerSaslClientLookup(lookup: SaslClientLookup): Promise<SaslClientAnswer> {
  const { hash, password, salt, iterations } = lookup;
  const key = await pbkdf2({ algorithm: hash, password: password.reveal(), salt, iterations, lengthBytes: digestBytes[hash] });
  return { type: 'salted-password', key };
}

/** The row of one SCRAM mechanism for clients (RFC 5802, RFC 7677). */
export function scramClient(hash: ScramHash, variant: { readonly plus: boolean }): SaslClientMechanism {
  const name = `${scramNames[hash]}${variant.plus ? '-PLUS' : ''}`;
  return {
    name,
    usable: ({ credentials, tls }) => hasPassword(credentials) && (!variant.plus || bestBinding(tls) !== undefined),
    create: (options) => {
      const nonce = encodeBase64((options.random ?? systemRandom).bytes(18));
      return clientMachine(name, converseScram({ hash, plus: variant.plus }, options, nonce));
    },
  };
}

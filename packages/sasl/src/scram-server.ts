import { encodeBase64 } from '@mox/encoding';
import {
  type ChannelBindingType,
  concatBytes,
  emptyBytes,
  fromUtf8,
  hash,
  hmac,
  randomBytes,
  systemRandom,
  timingSafeEqual,
} from '@mox/runtime';
import { canBind, channelBindingType } from './channel-binding.ts';
import { SaslError } from './errors.ts';
import type { SaslServerMechanism } from './mechanism.ts';
import { prepare } from './prepare.ts';
import type { SaslFailure, SaslServerOptions } from './sasl-server.ts';
import {
  defaultSaltBytes,
  defaultScramIterations,
  digestBytes,
  type ScramCredentials,
  type ScramHash,
  scramNames,
} from './scram-credentials.ts';
import { applySignature, authMessage, type ClientFinal, type ClientFirst, parseClientFinal, parseClientFirst } from './scram-message.ts';
import { authenticated, failed, malformed, refused } from './server-outcome.ts';
import { ask, challenge, type ServerScript, serverMachine } from './server-script.ts';

interface Variant {
  readonly name: string;
  readonly hash: ScramHash;
  /** Whether this is the -PLUS variant. */
  readonly plus: boolean;
}

/** What the client bound the exchange to: `data` is compared with what it signs. */
interface Binding {
  readonly type?: ChannelBindingType;
  readonly data: Uint8Array;
}

/** Judges the client's word on channel binding (RFC 5802 §6). */
function bind(variant: Variant, first: ClientFirst, options: SaslServerOptions): Binding | SaslFailure {
  const { flag, bindingType } = first.gs2;
  if (variant.plus !== (flag === 'p'))
    return failed(
      'channel-binding',
      variant.plus ? 'a -PLUS mechanism without channel binding' : 'channel binding without a -PLUS mechanism',
    );
  if (flag === 'y' && offersBinding(options))
    return failed('channel-binding', 'the client believes that channel binding is not offered, but it is: somebody changed the list');
  if (flag !== 'p') return { data: emptyBytes };
  const type = channelBindingType(bindingType);
  const data = type && options.tls?.channelBinding(type);
  return type && data ? { type, data } : failed('channel-binding', `no channel binding of type ${bindingType}`);
}

function offersBinding(options: SaslServerOptions): boolean {
  return canBind(options.tls) && (options.mechanisms?.some((name) => name.endsWith('-PLUS')) ?? true);
}

let processDecoyKey: Uint8Array | undefined;

/**
 * Credentials of a user that does not exist: the salt is the same for a name each time (RFC 5802 §7, on `unknown-user`). The keys are
 * nobody's: no proof is believed.
 */
function decoyCredentials(algorithm: ScramHash, username: string, options: SaslServerOptions): ScramCredentials {
  processDecoyKey ??= randomBytes(32);
  const key = options.decoyKey?.reveal() ?? processDecoyKey;
  const noKey = new Uint8Array(digestBytes[algorithm]);
  return {
    hash: algorithm,
    salt: hmac('sha512', key, fromUtf8(`salt\0${algorithm}\0${username}`)).slice(0, defaultSaltBytes),
    iterations: options.decoyIterations ?? defaultScramIterations,
    storedKey: noKey,
    serverKey: noKey,
  };
}

/** Whether the client knows the password: its ClientProof leads to StoredKey (RFC 5802 §3). */
function proves(final: ClientFinal, message: Uint8Array, credentials: ScramCredentials): boolean {
  const { hash: algorithm, storedKey } = credentials;
  const clientKey = applySignature({ hash: algorithm, storedKey, message, value: final.proof });
  const rightLength = final.proof.length === digestBytes[algorithm];
  return timingSafeEqual(hash(algorithm, clientKey), storedKey) && rightLength;
}

function parseFirst(
  message: Uint8Array,
): { readonly first: ClientFirst; readonly authcid: string; readonly authzid: string } | SaslFailure {
  const first = parseClientFirst(message);
  if (!first) return malformed('not a client-first-message');
  const authcid = prepare(first.username);
  const authzid = first.gs2.authzid === undefined ? '' : prepare(first.gs2.authzid);
  if (authcid === undefined || authzid === undefined) return malformed('SASLprep refuses a name');
  return { first, authcid, authzid };
}

function makeNonce(options: SaslServerOptions): string {
  return encodeBase64((options.random ?? systemRandom).bytes(18));
}

/** The exchange of RFC 5802 §5, with the server's half of the nonce given. */
export function* serveScram(
  variant: Variant,
  options: SaslServerOptions,
  opening: { readonly initial: Uint8Array | undefined; readonly nonce: string },
): ServerScript {
  const opened = parseFirst(opening.initial ?? (yield* challenge(emptyBytes)));
  if ('type' in opened) return opened;
  const { first, authcid, authzid } = opened;
  const binding = bind(variant, first, options);
  if ('reason' in binding) return binding;

  const lookup = { type: 'scram', mechanism: variant.name, authcid, hash: variant.hash } as const;
  const answer = yield* ask(lookup);
  if (answer.type === 'temporary') return refused(answer, lookup, authcid);
  const known = answer.type === 'scram' ? answer : undefined;
  if (known && known.credentials.hash !== variant.hash) throw new SaslError('wrong-answer', `credentials for ${known.credentials.hash}`);
  const absent = known ? undefined : refused(answer, lookup, authcid);
  // Made for known names too: the time of an answer must not tell them from others.
  const decoy = decoyCredentials(variant.hash, authcid, options);
  const credentials = known?.credentials ?? decoy;

  const nonce = first.nonce + opening.nonce;
  const serverFirst = `r=${nonce},s=${encodeBase64(credentials.salt)},i=${credentials.iterations}`;
  const final = parseClientFinal(yield* challenge(fromUtf8(serverFirst)));
  if (!final) return malformed('not a client-final-message');
  if (final.nonce !== nonce) return failed('invalid-credentials', 'the nonce is another', authcid);
  // RFC 5802 §6: the server always validates the client's "c=".
  if (!timingSafeEqual(final.channelBinding, concatBytes([fromUtf8(first.gs2Text), binding.data])))
    return failed('channel-binding', 'the client is bound to another channel', authcid);
  const message = authMessage(first.bare, serverFirst, final.withoutProof);
  if (!proves(final, message, credentials) || !known) return failed('invalid-credentials', absent?.problem ?? 'a wrong password', authcid);

  const signature = hmac(variant.hash, credentials.serverKey, message);
  const identity = { mechanism: variant.name, authcid: known.authcid ?? authcid, presented: authcid, authzid };
  const data = fromUtf8(`v=${encodeBase64(signature)}`);
  return yield* authenticated(options, binding.type ? { ...identity, channelBinding: binding.type } : identity, data);
}

/** The row of one SCRAM mechanism for servers (RFC 5802, RFC 7677). */
export function scramServer(algorithm: ScramHash, variant: { readonly plus: boolean }): SaslServerMechanism {
  const name = `${scramNames[algorithm]}${variant.plus ? '-PLUS' : ''}`;
  return {
    name,
    available: ({ tls }) => !variant.plus || canBind(tls),
    create: (options) =>
      serverMachine(name, options, (initial) =>
        serveScram({ name, hash: algorithm, plus: variant.plus }, options, { initial, nonce: makeNonce(options) }),
      ),
  };
}

import { SaslError } from './errors.ts';
import type { SaslAnswer, SaslFailureReason, SaslLookup } from './lookup.ts';
import type { SaslFailure, SaslIdentity, SaslServerOptions } from './sasl-server.ts';
import { ask, challenge, type ServerScript } from './server-script.ts';

/** A failure, for the log of the server. */
export function failed(reason: SaslFailureReason, problem: string, authcid?: string): SaslFailure {
  return { type: 'failure', reason, problem, ...(authcid === undefined ? {} : { authcid }) };
}

/** A failure of what the client sent. */
export function malformed(problem: string): SaslFailure {
  return failed('malformed', problem);
}

/** What it means for the log that a look-up of a type was refused without a word. */
const refusals: Readonly<Record<SaslLookup['type'], string>> = {
  password: 'the directory refused the name and password',
  scram: 'the directory has no SCRAM credentials of this kind for the name',
  'cram-md5': 'the directory has no secret for the name',
  oauth: 'the directory refused the token',
  external: 'the directory knows nobody by the certificate',
  anonymous: 'the directory lets nobody in without a name',
  authorize: 'the user may not act as the other one',
};

/** The failure that an answer other than yes leads to. */
export function refused(answer: SaslAnswer, lookup: SaslLookup, authcid?: string): SaslFailure {
  if (answer.type === 'temporary') return failed('temporary', answer.problem ?? 'the directory has no answer now', authcid);
  if (answer.type !== 'refused') throw new SaslError('wrong-answer', `a look-up of type ${lookup.type} was answered by ${answer.type}`);
  const reason = lookup.type === 'authorize' ? 'not-authorized' : 'invalid-credentials';
  return failed(answer.reason ?? reason, answer.problem ?? refusals[lookup.type], authcid);
}

/**
 * The end of an exchange in which the client proved to be `authcid`: whether it may act as `authzid` is asked where that is
 * another one (RFC 4422 §3.4.1); data for the client are sent as the protocol can carry them (RFC 4422 §5).
 */
export function* authenticated(
  options: SaslServerOptions,
  identity: Omit<SaslIdentity, 'authzid'> & { readonly authzid?: string | undefined; readonly presented?: string | undefined },
  data?: Uint8Array,
): ServerScript {
  const { presented, authzid = '', ...proven } = identity;
  const acting = authzid === '' || authzid === presented ? proven.authcid : authzid;
  if (acting !== proven.authcid) {
    const lookup = { type: 'authorize', mechanism: proven.mechanism, authcid: proven.authcid, authzid: acting } as const;
    const answer = yield* ask(lookup);
    if (answer.type !== 'accepted') return refused(answer, lookup, proven.authcid);
  }
  if (data && !options.successData) {
    const response = yield* challenge(data);
    if (response.length > 0) return malformed('an empty response must follow the last challenge');
  }
  return {
    type: 'success',
    identity: { ...proven, authzid: acting },
    ...(data && options.successData ? { data } : {}),
  };
}

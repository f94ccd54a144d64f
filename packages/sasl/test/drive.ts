// Both ends of an exchange, run against each other, and the parties they need.
import { fromUtf8, hash, Secret, type TlsInfo } from '@mox/runtime';
import {
  answerSaslClientLookup,
  type CredentialSource,
  createSaslClient,
  createSaslServer,
  defaultScramIterations,
  makeScramCredentials,
  type SaslClient,
  type SaslClientOptions,
  type SaslClientOutcome,
  type SaslFailure,
  type SaslServer,
  type SaslServerOptions,
  type SaslServerStep,
  type SaslSuccess,
} from '../src/index.ts';
import { prepare } from '../src/prepare.ts';

/** A connection as net-node would describe it. */
export function tlsInfo(overrides: Partial<TlsInfo> = {}): TlsInfo {
  return {
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    channelBindingTypes: ['tls-exporter', 'tls-server-end-point'],
    channelBinding: (type) => (type === 'tls-unique' ? undefined : hash('sha256', fromUtf8(type))),
    ...overrides,
  };
}

/** A directory of one user, who may also act as `other`. */
export function directory(user: { username: string; password: string; iterations?: number }): CredentialSource {
  const { username, password, iterations = defaultScramIterations } = user;
  const secret = new Secret(password);
  const known = (authcid: string): boolean => authcid === prepare(username);
  const yesOrNo = (yes: boolean): { type: 'accepted' } | { type: 'refused' } => ({ type: yes ? 'accepted' : 'refused' });
  return async (lookup) => {
    if (lookup.type === 'authorize') return yesOrNo(lookup.authzid === 'other');
    if (lookup.type === 'anonymous') return yesOrNo(lookup.trace !== 'unwelcome');
    if (lookup.type === 'external') return { type: 'accepted', authcid: username };
    if (lookup.type === 'oauth')
      return lookup.token.reveal() === 'token' ? { type: 'accepted', authcid: username } : { type: 'refused', oauth: { scope: 'mail' } };
    if (!known(lookup.authcid)) return { type: 'refused' };
    if (lookup.type === 'password') return yesOrNo(lookup.password.reveal() === prepare(password));
    if (lookup.type === 'cram-md5') return { type: 'shared-secret', secret };
    return { type: 'scram', credentials: await makeScramCredentials({ password: secret, hash: lookup.hash, iterations }) };
  };
}

/** Answers the look-ups of a step until it is something else. */
export async function settle(
  server: SaslServer,
  step: SaslServerStep,
  source: CredentialSource,
): Promise<Exclude<SaslServerStep, { type: 'lookup' }>> {
  let now = step;
  while (now.type === 'lookup') now = server.answer(await source(now.lookup));
  return now;
}

export interface Exchange {
  readonly server: SaslSuccess | SaslFailure;
  readonly client: SaslClientOutcome | undefined;
}

async function clientTurn(client: SaslClient, challenge: Uint8Array): Promise<Uint8Array | SaslClientOutcome> {
  let step = client.step(challenge);
  while (step.type === 'lookup') step = client.answer(await answerSaslClientLookup(step.lookup));
  return step.type === 'response' ? step.data : step;
}

/** Runs a client machine against a server machine. The client's outcome is undefined where only the server ended the exchange. */
export async function exchange(client: SaslClient, server: SaslServer, source: CredentialSource): Promise<Exchange> {
  const initial = client.start();
  let step = await settle(server, server.step(initial), source);
  while (step.type === 'challenge') {
    const response = await clientTurn(client, step.data);
    if (!(response instanceof Uint8Array))
      return { server: { type: 'failure', reason: 'aborted', problem: 'the client gave up' }, client: response };
    step = await settle(server, server.step(response), source);
  }
  return { server: step, client: step.type === 'success' ? client.finish(step.data) : undefined };
}

/** Both machines of one mechanism, run against each other. */
export async function login(
  mechanism: string,
  parties: { readonly client: SaslClientOptions; readonly server: SaslServerOptions; readonly source: CredentialSource },
): Promise<Exchange> {
  const client = createSaslClient(mechanism, parties.client);
  const server = createSaslServer(mechanism, parties.server);
  if (!client || !server) throw new Error(`${mechanism}: ${client ? 'not offered' : 'not usable'}`);
  return await exchange(client, server, parties.source);
}

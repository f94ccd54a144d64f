import { Secret } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { tlsInfo } from '../test/drive.ts';
import { chooseMechanism, createSaslClient, saslClientMechanisms } from './client-mechanisms.ts';
import type { SaslClientOptions } from './sasl-client.ts';
import { saslServerMechanisms } from './server-mechanisms.ts';

const announced = saslServerMechanisms.map(({ name }) => name);
const password = { username: 'u', password: new Secret('p') };
const tls = tlsInfo();

const choices: readonly (readonly [string | undefined, SaslClientOptions])[] = [
  ['SCRAM-SHA-256-PLUS', { announced, credentials: password, tls }],
  ['SCRAM-SHA-256', { announced, credentials: password }],
  ['SCRAM-SHA-1', { announced: ['plain', 'scram-sha-1'], credentials: password }],
  ['PLAIN', { announced: ['LOGIN', 'PLAIN'], credentials: password, tls }],
  ['CRAM-MD5', { announced: ['LOGIN', 'PLAIN', 'CRAM-MD5'], credentials: password }],
  [undefined, { announced: ['LOGIN', 'PLAIN'], credentials: password }],
  ['PLAIN', { announced: ['LOGIN', 'PLAIN'], credentials: password, plaintextWithoutTls: true }],
  ['PLAIN', { announced: ['CRAM-MD5', 'LOGIN', 'PLAIN'], credentials: { ...password, authzid: 'x' }, tls }],
  ['SCRAM-SHA-256', { announced, credentials: password, tls: tlsInfo({ channelBindingTypes: [] }) }],
  ['OAUTHBEARER', { announced, credentials: { ...password, token: new Secret('t') }, tls }],
  ['SCRAM-SHA-256', { announced, credentials: { ...password, token: new Secret('t') } }],
  ['EXTERNAL', { announced, credentials: { external: true }, tls }],
  ['ANONYMOUS', { announced, credentials: { anonymous: 'me@example.org' } }],
  [undefined, { announced, credentials: {}, tls }],
  [undefined, { announced: [], credentials: password, tls }],
];

describe('chooseMechanism', () => {
  it.each(choices)('%s', (mechanism, options) => {
    expect(chooseMechanism(options)).toBe(mechanism);
  });

  it('each side has the mechanisms of the other', () => {
    expect(saslClientMechanisms.map(({ name }) => name).toSorted()).toEqual(announced.toSorted());
  });

  it.each([
    ['PLAIN', { authzid: 'a\0tim' }],
    ['EXTERNAL', { authzid: 'a\0' }],
    ['SCRAM-SHA-256', { authzid: 'a\0' }],
    ['OAUTHBEARER', { username: 'a\x01auth=Bearer stolen' }],
    ['OAUTHBEARER', { token: new Secret('t\x01host=elsewhere') }],
    ['XOAUTH2', { username: 'a\x01auth=Bearer stolen' }],
    ['XOAUTH2', { token: new Secret('t\r\n') }],
  ])('RFC 4616 §2, RFC 7628 §3.1: %s does not send what would be read as something else: %j', (mechanism, rest) => {
    const credentials = { ...password, token: new Secret('t'), external: true, ...rest };
    const client = createSaslClient(mechanism, { announced, credentials, tls });
    expect(() => client?.start()).toThrow(expect.objectContaining({ code: 'unusable-credentials' }));
  });

  it('a mechanism that cannot be served is not made', () => {
    expect(createSaslClient('PLAIN', { announced, credentials: password })).toBeUndefined();
    expect(createSaslClient('NTLM', { announced, credentials: password, tls })).toBeUndefined();
    expect(createSaslClient('plain', { announced, credentials: password, tls })?.mechanism).toBe('PLAIN');
  });
});

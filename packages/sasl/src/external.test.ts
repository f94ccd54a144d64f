import { fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { tlsInfo } from '../test/drive.ts';
import { anonymousServer } from './anonymous.ts';
import { externalServer } from './external.ts';

const tls = tlsInfo({ peerCertificate: { der: fromUtf8('certificate'), trusted: false } });

describe('EXTERNAL', () => {
  it('RFC 4422 appendix A: the certificate is handed up, trusted or not', () => {
    expect(externalServer.create({ tls }).step(new Uint8Array(0))).toEqual({
      type: 'lookup',
      lookup: { type: 'external', mechanism: 'EXTERNAL', certificate: tls.peerCertificate },
    });
  });

  it('a certificate that stands for nobody fails, as does none', () => {
    const server = externalServer.create({ tls });
    server.step(fromUtf8('tim'));
    expect(server.answer({ type: 'accepted' })).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
    expect(externalServer.create({}).step(fromUtf8('tim'))).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
  });

  it('RFC 4422 appendix A: an identity asked for needs leave', () => {
    const server = externalServer.create({ tls });
    server.step(fromUtf8('tim'));
    expect(server.answer({ type: 'accepted', authcid: 'tom' })).toMatchObject({
      lookup: { type: 'authorize', authcid: 'tom', authzid: 'tim' },
    });
  });

  it('what is no UTF-8 is malformed', () => {
    expect(externalServer.create({ tls }).step(Uint8Array.of(0xff))).toMatchObject({ type: 'failure', reason: 'malformed' });
  });
});

describe('ANONYMOUS', () => {
  it.each([
    ['', 'lookup'],
    ['sirhc', 'lookup'],
    ['ü'.repeat(255), 'lookup'],
    ['\u{1f600}'.repeat(255), 'lookup'],
    ['ü'.repeat(256), 'failure'],
    ['a\0b', 'failure'],
    ['a\u202eb', 'failure'],
    ['\ue000', 'failure'],
    ['\ufffe', 'failure'],
    ['\u{e0041}', 'failure'],
  ])('RFC 4505 §2, RFC 4505 §3: %j leads to a %s', (trace, type) => {
    expect(anonymousServer.create({}).step(fromUtf8(trace)).type).toBe(type);
  });
});

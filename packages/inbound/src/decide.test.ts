import { describe, expect, it } from 'vitest';
import { decideMessage, decideRecipient, decideSender, type Evidence, mostReceived, type SessionEvidence } from './index.ts';

const session: SessionEvidence = { mode: 'smtp', remoteAddress: '192.0.2.1', localAddress: '192.0.2.2' };
const login = { accountId: 'anna', name: 'anna', mechanism: 'PLAIN' };

describe('senders', () => {
  it.each([
    ['smtp, anybody', 'accept', session, { address: 'x@example.net' }],
    ['smtp, null', 'accept', session, { address: '' }],
    ['submission without login', 'refuse', { ...session, mode: 'submission' }, { address: 'a@example.org', accountId: 'anna' }],
    ['submission, own', 'accept', { ...session, mode: 'submission', login }, { address: 'a@example.org', accountId: 'anna' }],
    ['submission, of another', 'refuse', { ...session, mode: 'submission', login }, { address: 'b@example.org', accountId: 'bob' }],
    ['submission, of nobody here', 'refuse', { ...session, mode: 'submission', login }, { address: 'x@example.net' }],
    ['submission, null', 'accept', { ...session, mode: 'submission', login }, { address: '' }],
    ['lmtp, anybody', 'accept', { ...session, mode: 'lmtp' }, { address: 'x@example.net' }],
  ] as const)('RFC 6409 §6.1: %s: %s', (_, action, evidence, sender) => {
    expect(decideSender(evidence, sender).action).toBe(action);
  });
});

describe('recipients', () => {
  it.each([
    ['unknown', 550, {}, undefined],
    ['without limit', undefined, { accountId: 'anna' }, 1_000_000],
    ['full', 452, { accountId: 'anna', roomBytes: 0 }, undefined],
    ['too full for it', 452, { accountId: 'anna', roomBytes: 99 }, 100],
    ['room enough', undefined, { accountId: 'anna', roomBytes: 100 }, 100],
    ['room, size not told', undefined, { accountId: 'anna', roomBytes: 1 }, undefined],
  ])('RFC 1870 §6.4: %s: %s', (_, code, recipient, bytes) => {
    const verdict = decideRecipient({ address: 'a@example.org', ...recipient }, bytes);
    expect(verdict.action === 'refuse' ? verdict.reply.code : undefined).toBe(code);
  });
});

describe('messages', () => {
  const evidence: Evidence = {
    session,
    sender: { address: 'x@example.net' },
    recipients: [{ address: 'a@example.org', accountId: 'anna' }],
    message: {
      content: { via: 'DATA', sizeBytes: 1, bareCr: false, bareLf: false, eightBit: false },
      oddities: [],
      header: { from: [], hasDate: true, received: 1, passedOn: [], removed: [] },
      headerTooLarge: false,
      authors: [{ address: 'x@example.net' }],
    },
    checks: [],
  };
  const submission: SessionEvidence = { ...session, mode: 'submission', login };

  it.each([
    ['mail from outside', undefined, evidence],
    ['a header section too large', '5.6.0', { ...evidence, message: { ...evidence.message, headerTooLarge: true } }],
    [
      'a loop',
      '5.4.6',
      { ...evidence, message: { ...evidence.message, header: { ...evidence.message.header, received: mostReceived + 1 } } },
    ],
    ['From of somebody else', '5.7.1', { ...evidence, session: submission }],
    [
      'own From',
      undefined,
      { ...evidence, session: submission, message: { ...evidence.message, authors: [{ address: 'a@example.org', accountId: 'anna' }] } },
    ],
    ['no From', undefined, { ...evidence, session: submission, message: { ...evidence.message, authors: [] } }],
  ])('%s: %s', (_, enhanced, given) => {
    const verdict = decideMessage(given);
    expect(verdict.action === 'refuse' ? verdict.reply.enhanced : undefined).toBe(enhanced);
    expect(verdict.reason).not.toBe('');
  });
});

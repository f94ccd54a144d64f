import { formatTrace } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { chooseReturnedContent, type DeliveryOutcome, type DsnNotify, decideDsn, passDsnRequest } from './decide-dsn.ts';
import { makeRecipientStatus } from './recipient-status.ts';

const sender = 'jane@example.org';
const all: readonly DeliveryOutcome[] = ['delivered', 'relayed', 'relayed-without-dsn', 'expanded', 'delayed', 'failed'];

describe('decideDsn', () => {
  // By outcome: what is said with no NOTIFY, NEVER, SUCCESS, FAILURE, DELAY, and all of them.
  it.each<[string, DeliveryOutcome, readonly string[]]>([
    ['RFC 3461 §5.2.3', 'delivered', ['-', '-', 'delivered', '-', '-', 'delivered']],
    ['RFC 3461 §5.2.1', 'relayed', ['-', '-', '-', '-', '-', '-']],
    ['RFC 3461 §5.2.2', 'relayed-without-dsn', ['-', '-', 'relayed', '-', '-', 'relayed']],
    ['RFC 3461 §5.2.7.3', 'expanded', ['-', '-', 'expanded', '-', '-', 'expanded']],
    ['RFC 3461 §5.2.5', 'delayed', ['delayed', '-', '-', '-', 'delayed', 'delayed']],
    ['RFC 3461 §5.2.6', 'failed', ['failed', '-', '-', 'failed', '-', 'failed']],
  ])('%s: %s', (_section, outcome, expected) => {
    const asked: readonly (DsnNotify | undefined)[] = [
      undefined,
      'NEVER',
      ['SUCCESS'],
      ['FAILURE'],
      ['DELAY'],
      ['SUCCESS', 'FAILURE', 'DELAY'],
    ];
    const decisions = asked.map((notify) => decideDsn({ sender, outcome, ...(notify && { notify }) }));
    expect(decisions.map(({ action }) => action ?? '-')).toEqual(expected);
    for (const { action, required, tellPostmaster } of decisions) {
      expect(required).toBe(action !== undefined && action !== 'delayed');
      expect(tellPostmaster).toBe(outcome === 'failed' && action === undefined);
    }
  });

  it.each(all)('RFC 3461 §5.2: nobody is notified of %s where the reverse-path is null', (outcome) => {
    const decision = decideDsn({ sender: '', outcome, notify: ['SUCCESS', 'FAILURE', 'DELAY'] });
    expect(decision).toMatchObject({ required: false, tellPostmaster: outcome === 'failed' });
    expect(decision.action).toBeUndefined();
  });

  it('the trace tells what was asked for', () => {
    const { trace } = decideDsn({ sender, outcome: 'delivered', notify: ['FAILURE'] });
    expect(formatTrace(trace)).toBe(
      'delivery status notification (sender=jane@example.org notify=FAILURE outcome=delivered) -> none: not asked for: SUCCESS  [RFC 3461 §5.2.3]',
    );
  });
});

describe('chooseReturnedContent', () => {
  it.each([
    ['RFC 3461 §4.3: all of it, where something failed', { ret: 'FULL', actions: ['delayed', 'failed'], sizeBytes: 10 }, 'full'],
    ['RFC 3461 §4.3: headers alone, where nothing failed', { ret: 'FULL', actions: ['delayed'], sizeBytes: 10 }, 'headers'],
    ['RFC 3461 §4.3: headers alone, where they are asked for', { ret: 'HDRS', actions: ['failed'], sizeBytes: 10 }, 'headers'],
    ['RFC 3461 §4.3: headers alone, where nothing is asked for', { actions: ['failed'], sizeBytes: 10 }, 'headers'],
    ['RFC 3461 §6.2: headers alone, where it is large', { ret: 'FULL', actions: ['failed'], sizeBytes: 11, mostBytes: 10 }, 'headers'],
  ] as const)('%s', (_what, report, give) => {
    expect(chooseReturnedContent(report)).toBe(give);
  });
});

describe('passDsnRequest', () => {
  const request = {
    ret: 'FULL',
    envid: 'QQ314159',
    notify: ['SUCCESS', 'FAILURE'],
    originalRecipient: { type: 'rfc822', address: 'Bob@example.com' },
  } as const;
  it.each([
    ['RFC 3461 §5.2.1: unchanged to a server that offers DSN', request, 'server', request],
    ['RFC 3461 §5.2.2: nothing to one that does not', request, 'server-without-dsn', {}],
    ['RFC 3461 §5.2.7.1: nothing to the members of a list', request, 'list', {}],
    ['RFC 3461 §5.2.7.3: all but SUCCESS to the addresses of an alias', request, 'expanded-alias', { ...request, notify: ['FAILURE'] }],
    ['RFC 3461 §5.2.7.3: NEVER, where SUCCESS alone was asked for', { notify: ['SUCCESS'] }, 'expanded-alias', { notify: 'NEVER' }],
    ['RFC 3461 §5.2.7.3: NEVER stays', { notify: 'NEVER' }, 'expanded-alias', { notify: 'NEVER' }],
    ['RFC 3461 §5.2.1: no NOTIFY comes from nothing', {}, 'expanded-alias', {}],
  ] as const)('%s', (_what, given, to, passed) => {
    expect(passDsnRequest(given, to)).toEqual(passed);
  });
});

describe('makeRecipientStatus', () => {
  it.each([
    ['the code of the reply', '550-5.1.1 No such\r\n550 5.1.1 user', '5.1.1'],
    ['its class alone', '452 try again', '4.0.0'],
    ['a code that contradicts the reply', '550 4.2.2 full', '5.0.0'],
    ['what is no reply', 'hello', '5.0.0'],
  ])('RFC 3461 §6.3: status by %s', (_what, reply, status) => {
    const made = makeRecipientStatus({ recipient: 'joe@example.com', action: 'failed', remote: { name: 'mx.example.com', reply } });
    expect(`${made.status.class}.${made.status.subject}.${made.status.detail}`).toBe(status);
    expect(made.remoteMta).toEqual({ type: 'dns', name: 'mx.example.com' });
  });

  it('RFC 3461 §6.3: everything that is known, and RFC 3461 §9.2: the reply as one line', () => {
    const originalRecipient = { type: 'rfc822', address: 'Joe@Example.com' };
    expect(
      makeRecipientStatus({
        recipient: 'jörg@example.com',
        originalRecipient,
        action: 'failed',
        remote: { name: 'mx.example.com', reply: '550-5.1.1 No such\r\n550 5.1.1 user', recipient: 'joe@inner.example.com' },
      }),
    ).toEqual({
      originalRecipient,
      finalRecipient: { type: 'utf-8', address: 'jörg@example.com' },
      action: 'failed',
      status: { class: 5, subject: 1, detail: 1 },
      remoteMta: { type: 'dns', name: 'mx.example.com' },
      diagnosticCode: { type: 'smtp', text: '550-5.1.1 No such 550 5.1.1 user' },
      extensions: [['smtp-remote-recipient', 'joe@inner.example.com']],
    });
    expect(makeRecipientStatus({ recipient: 'joe@example.com', action: 'delivered' })).toEqual({
      finalRecipient: { type: 'rfc822', address: 'joe@example.com' },
      action: 'delivered',
      status: { class: 2, subject: 0, detail: 0 },
    });
  });
});

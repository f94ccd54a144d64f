import { parseAddress } from '@mox/address';
import { type HeaderField, parseHeaderFields } from '@mox/message-format';
import { formatTrace, fromUtf8 } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { decideMdn, type MdnSituation } from './decide-mdn.ts';
import { passMdnRequest } from './mdn-request.ts';

const headers = (...lines: string[]): readonly HeaderField[] => parseHeaderFields(fromUtf8(`${lines.join('\r\n')}\r\n\r\n`));
const path = 'Return-Path: <jane@example.org>';
const request = 'Disposition-Notification-To: Jane <jane@example.org>';
const plain = headers(path, 'From: jane@example.org', request);
const always = { preference: 'always' } as const;

type Case = readonly [what: string, situation: MdnSituation, reason: string];

/** Whatever the user says, nothing is sent. */
const never: readonly Case[] = [
  ['RFC 8098 §2.1: nobody asks', { headers: headers(path) }, 'nobody asks'],
  [
    'RFC 8098 §2.1: it is a notification itself',
    { headers: headers(path, request, 'Content-Type: multipart/Report; report-type=x') },
    'report',
  ],
  ['RFC 8098 §2.1: one was sent', { headers: plain, sent: true }, 'sent before'],
  ['RFC 8098 §2.1: the user wants none', { headers: plain, preference: 'never' }, 'wants none'],
  ['RFC 8098 §2.1: a newsgroup', { headers: headers(path, request, 'Newsgroups: a.b') }, 'newsgroups'],
  ['RFC 8098 §2.1: no address', { headers: headers(path, 'Disposition-Notification-To: yes') }, 'no address'],
  [
    'RFC 8098 §2.2: a required option that is not known',
    { headers: headers(path, request, 'Disposition-Notification-Options: a=optional, 1; b=required, 2') },
    'option b',
  ],
  [
    'RFC 8098 §2.2: options that cannot be read',
    { headers: headers(path, request, 'Disposition-Notification-Options: yes') },
    'cannot be read',
  ],
  ['RFC 8098 §2.4: a fragment', { headers: headers(path, request, 'Content-Type: message/partial; id=a; number=1') }, 'fragment'],
  ['RFC 8098 §6.1: a forged message', { headers: plain, authentic: false }, 'not from whom'],
  ['RFC 5321 §4.5.5: the null reverse-path', { headers: headers('Return-Path: <>', request) }, 'no answer'],
  ['RFC 5321 §4.5.5: the null reverse-path of the envelope', { headers: plain, returnPath: null }, 'no answer'],
];

/** With the consent of the user, and not without. */
const ask: readonly Case[] = [
  ['RFC 8098 §2.1: no standing order', { headers: plain, preference: 'ask' }, 'wants to be asked'],
  ['RFC 8098 §2.1: no Return-Path', { ...always, headers: headers(request) }, 'no Return-Path'],
  ['RFC 8098 §2.1: a Return-Path that cannot be read', { ...always, headers: headers('Return-Path: nobody', request) }, 'no Return-Path'],
  [
    'RFC 8098 §2.1: elsewhere than to the Return-Path',
    { ...always, headers: headers('Return-Path: <bounces@example.org>', request) },
    'elsewhere',
  ],
  ['RFC 8098 §2.1: the localpart counts case', { ...always, headers: headers('Return-Path: <Jane@example.org>', request) }, 'elsewhere'],
  [
    'RFC 8098 §2.1: a subaddress is another address',
    { ...always, headers: headers('Return-Path: <jane+a@example.org>', request) },
    'elsewhere',
  ],
  ['RFC 8098 §2.1: several addresses', { ...always, headers: headers(path, `${request}, joe@example.org`) }, '2 addresses'],
  ['RFC 8098 §2.1: the field twice', { ...always, headers: headers(path, request, request) }, 'more than once'],
  ['RFC 8098 §2.1: half an address', { ...always, headers: headers(path, `${request}, joe`) }, 'no address'],
  ['RFC 8098 §6.2: a list', { ...always, headers: headers(path, request, 'List-Id: <l.example.org>') }, 'this list'],
  [
    'RFC 8098 §6.4: the envelope knows better',
    { ...always, headers: plain, returnPath: unwrap(parseAddress('x@example.org')) },
    'elsewhere',
  ],
];

const send: readonly (readonly [what: string, situation: MdnSituation])[] = [
  ['RFC 8098 §2.1: by standing order', { ...always, headers: plain }],
  [
    'RFC 8098 §2.1: the case of the domain, the name, the quotes and the route mean nothing',
    { ...always, headers: headers('Return-Path: <@a.example:"jane"@EXAMPLE.org>', request) },
  ],
  ['RFC 8098 §2.1: the same address twice', { ...always, headers: headers(path, `${request}, <jane@EXAMPLE.org>`) }],
  [
    'RFC 8098 §2.1: the last system writes the first Return-Path',
    { ...always, headers: headers(path, 'Return-Path: <x@example.org>', request) },
  ],
  [
    'RFC 8098 §2.2: options that are heeded, or optional',
    { ...always, heededOptions: ['b'], headers: headers(path, request, 'Disposition-Notification-Options: a=optional, 1; B=REQUIRED, 2') },
  ],
  [
    'RFC 8098 §2.1: known aliases of a domain',
    { ...always, headers: headers('Return-Path: <jane@example.net>', request), equal: (a, b) => a.localpart === b.localpart },
  ],
];

describe('decideMdn', () => {
  it.each(never)('%s: never', (_what, situation, reason) => {
    for (const rest of [{}, { consent: 'given' }, { preference: 'always' }] as const) {
      const decision = decideMdn({ ...rest, ...situation });
      expect(decision).toMatchObject({ status: 'none', to: [] });
      expect(decision.reasons.join()).toContain(reason);
      expect(decision.sendingMode).toBeUndefined();
    }
  });

  it.each(ask)('%s: only with consent', (_what, situation, reason) => {
    const decision = decideMdn(situation);
    expect(decision.status).toBe('ask');
    expect(decision.to[0]).toMatchObject({ localpart: 'jane' });
    expect(decision.reasons.join()).toContain(reason);
    expect(decideMdn({ ...situation, interactive: false })).toMatchObject({ status: 'none', to: [] });
    expect(decideMdn({ ...situation, consent: 'refused' })).toMatchObject({ status: 'none', to: [] });
    expect(decideMdn({ ...situation, consent: 'given' })).toMatchObject({ status: 'send', sendingMode: 'MDN-sent-manually' });
  });

  it.each(send)('%s: sent without asking', (_what, situation) => {
    expect(decideMdn(situation)).toMatchObject({
      status: 'send',
      to: [{ localpart: 'jane' }],
      sendingMode: 'MDN-sent-automatically',
      reasons: [],
    });
    expect(decideMdn({ ...situation, interactive: false }).status).toBe('send');
  });

  it('RFC 8098 §2.1: nothing is sent unless somebody said so', () => {
    expect(decideMdn({ headers: plain }).status).toBe('ask');
  });

  it('the trace tells which rules were looked at, and which decided', () => {
    const text = formatTrace(decideMdn({ ...always, headers: headers('Return-Path: <x@example.org>', request) }).trace);
    expect(text).toContain('disposition notification (to=["jane@example.org"] returnPath=x@example.org) -> ask  [RFC 8098 §2.1]');
    expect(text).toContain('the Return-Path -> ask: the notification would go elsewhere than to the reverse-path');
    expect(text).toContain('newsgroups -> does not apply');
  });

  it('mutants of a header section never throw, and nothing that goes elsewhere is sent without asking', () => {
    const seed = `${path}\r\nFrom: jane@example.org\r\n${request}\r\nDisposition-Notification-Options: a=optional, "x;y"\r\n\r\n`;
    const tokens = ['\r\n', ', ', 'Return-Path: ', 'Disposition-Notification-To: ', '<', '>', '"', '(', '\\', 'required', ';', '='];
    for (const mutant of mutants([seed], { count: 3000, tokens })) {
      const { status, to } = decideMdn({ ...always, headers: parseHeaderFields(mutant) });
      if (status === 'send') expect(to.length).toBe(1);
    }
  });
});

describe('passMdnRequest', () => {
  const other = headers('Return-Path: <list-bounces@example.net>', request);
  it.each([
    ['RFC 8098 §5: not to the subscribers of a list', plain, 'list', false],
    ['RFC 8098 §2.1: not to newsgroups', plain, 'newsgroup', false],
    ['RFC 8098 §8.3: through a gateway where it goes to the sender anyway', plain, 'gateway', true],
    ['RFC 8098 §8.3: not through a gateway otherwise', other, 'gateway', false],
    ['RFC 8098 §5: behind an alias', other, 'forward', true],
    ['RFC 8098 §2.1: where there is none', headers(path), 'forward', false],
  ] as const)('%s', (_what, fields, to, kept) => {
    expect(passMdnRequest(fields, to)).toBe(kept);
  });
});

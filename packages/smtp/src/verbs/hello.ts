import { charClass } from '@mox/syntax';
import type { SmtpCommand } from '../command.ts';
import { replies } from '../replies.ts';
import { isPositive, smtpReply } from '../reply.ts';
import type { ServerContext, Verb } from '../server-context.ts';
import { serverExtensions } from '../server-extensions.ts';

const isNameCharacter = /* @__PURE__ */ charClass(['a', 'z'], ['A', 'Z'], ['0', '9'], '-.');
const longestName = 255;

/** Whether a name is what EHLO wants: a domain name or an address literal (RFC 5321 §4.1.1.1). Not: whether it is true. */
function isValidName(name: string): boolean {
  if (name.length > longestName) return false;
  if (name.startsWith('[') && name.endsWith(']')) return /^\[(?:[0-9.]{7,15}|IPv6:[0-9a-f:.]{2,45})\]$/i.test(name);
  for (let i = 0; i < name.length; i++) if (!isNameCharacter(name.charCodeAt(i))) return false;
  return name.split('.').every((label) => label !== '' && label.length < 64 && !label.startsWith('-') && !label.endsWith('-'));
}

/** What is kept of a name that is none: enough to recognize it by, nothing that could disturb a log or a header field. */
function printableName(name: string): string {
  return name.slice(0, longestName).replace(/[^\x21-\x7e]|[()<>"\\]/g, '?');
}

function extensionLines(session: ServerContext): string[] {
  return serverExtensions.flatMap((extension) => extension.announce(session) ?? []);
}

function greet(session: ServerContext, verb: 'EHLO' | 'HELO' | 'LHLO', argument: string): void {
  // Some clients write more behind the name (RFC 5321 §4.1.1.1).
  const [name = ''] = argument.trim().split(' ', 1);
  if (name === '') return session.refuse(smtpReply(501, '5.5.4', `Syntax: ${verb} name`));
  const hello = { verb, name: printableName(name), valid: isValidName(name) };
  session.ask({ type: 'hello', ...hello }, (reply) => {
    if (reply && !isPositive(reply)) return session.reply(reply);
    session.dropTransaction('hello');
    session.hello = hello;
    // RFC 2034 §4: no enhanced status code here.
    const lines = verb === 'HELO' ? [] : extensionLines(session);
    session.reply(smtpReply(250, '', [session.options.hostname, ...lines]));
  });
}

/* @__NO_SIDE_EFFECTS__ */
function helloVerb(verb: 'EHLO' | 'HELO' | 'LHLO'): Verb {
  return {
    beforeHello: true,
    ...(verb === 'HELO' ? {} : { beforeTls: true as const }),
    usage: `${verb} name`,
    step(session: ServerContext, { argument }: SmtpCommand): void {
      // RFC 2033 §4.1: LMTP has LHLO and nothing else, SMTP has no LHLO.
      if ((session.options.mode === 'lmtp') !== (verb === 'LHLO')) return session.refuse(replies.unknownCommand);
      greet(session, verb, argument);
    },
  };
}

/** EHLO (RFC 5321 §4.1.1.1). */
export const ehlo: Verb = helloVerb('EHLO');
/** HELO (RFC 5321 §4.1.1.1). */
export const helo: Verb = helloVerb('HELO');
/** LHLO (RFC 2033 §4.1). */
export const lhlo: Verb = helloVerb('LHLO');

import { parseIp } from '@mox/syntax';
import { type CommandOption, type OptionValues, textOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';

/** Options that say how a message came in: what SPF is about. */
export const envelopeOptions: Readonly<Record<string, CommandOption>> = {
  ip: { type: 'string', value: 'ADDRESS', help: 'IP address of the client that sent the message; without it SPF is left out' },
  'mail-from': { type: 'string', value: 'ADDRESS', help: 'reverse-path of the message, <> for none (default: its Return-Path field)' },
  helo: { type: 'string', value: 'NAME', help: 'name that the client said in EHLO (default: the domain of the reverse-path)' },
};

/** How a message came in, as far as it is known. */
export interface Envelope {
  readonly ip?: string;
  /** Empty for the null reverse-path. */
  readonly mailFrom?: string;
  readonly helo?: string;
}

/** An IP address that the user gave. Throws a CommandError for what is none. */
export function ipArgument(text: string, example: string): string {
  if (parseIp(text)) return text;
  throw new CommandError(`not an IP address: ${text || '(nothing)'}`, `e.g. ${example}`, { exitCode: 2 });
}

/** What the options say. Throws a CommandError where they cannot be meant. */
export function readEnvelope(options: OptionValues): Envelope {
  const [ip, path, helo] = [textOption(options, 'ip'), textOption(options, 'mail-from'), textOption(options, 'helo')];
  if (ip === undefined && (path !== undefined || helo !== undefined))
    throw new CommandError('--mail-from and --helo are about SPF, which needs --ip too', 'e.g. --ip 192.0.2.1', { exitCode: 2 });
  const mailFrom = path?.replace(/^<(.*)>$/, '$1');
  if (mailFrom !== undefined && mailFrom !== '' && !/.@./.test(mailFrom))
    throw new CommandError(`not an address: ${path}`, 'e.g. --mail-from jane@example.org, or --mail-from "<>"', { exitCode: 2 });
  return {
    ...(ip === undefined ? {} : { ip: ipArgument(ip, '--ip 192.0.2.1') }),
    ...(mailFrom === undefined ? {} : { mailFrom }),
    ...(helo === undefined ? {} : { helo }),
  };
}

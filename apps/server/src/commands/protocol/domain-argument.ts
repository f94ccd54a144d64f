import { parseDomain } from '@mox/idna';
import { CommandError } from '../../cli/command-error.ts';

/** A domain name that the user gave, in A-labels. Throws a CommandError for what is none. */
export function domainArgument(text: string, example: string): string {
  const parsed = parseDomain(text, { underscore: true, trailingDot: true });
  if (parsed.ok) return parsed.value.ascii.replace(/\.$/, '');
  throw new CommandError(`not a domain name: ${text || '(nothing)'} (${parsed.error.message})`, `e.g. ${example}`, { exitCode: 2 });
}

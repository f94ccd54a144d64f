import { formatTrace } from '@mox/runtime';
import type { Decision } from '@mox/store';
import { type Command, directoryOption, jsonOption, textOption } from '../cli/command.ts';
import { CommandError } from '../cli/command-error.ts';
import { printable } from '../cli/printable.ts';
import { dataDirectory } from '../config/data-directory.ts';

function sessionLine({ session }: Decision): string {
  const parts = [
    `${session.protocol} from ${session.remoteAddress} to ${session.localAddress}`,
    session.greeting === undefined ? 'no greeting' : `greeted as ${session.greeting}`,
    session.tls ? `${session.tls.protocol} ${session.tls.cipher}` : 'no TLS',
  ];
  if (session.login) parts.push(`logged in as ${session.login.account} by ${session.login.mechanism}`);
  return parts.join(', ');
}

function envelopeLine({ envelope }: Decision): string {
  if (!envelope) return 'none';
  const parameters = Object.entries(envelope.parameters ?? {}).map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const to = envelope.recipients.map((recipient) => `<${recipient}>`).join(', ');
  return `from <${envelope.sender}> to ${to || 'nobody'}${parameters.length > 0 ? ` (${parameters.join(' ')})` : ''}`;
}

function messageLine({ message }: Decision): string {
  if (!message) return 'none was sent';
  const parts = [`${message.sizeBytes} bytes`];
  if (message.messageId !== undefined) parts.push(`Message-ID ${message.messageId}`);
  if (message.from !== undefined) parts.push(`From ${message.from}`);
  if (message.subject !== undefined) parts.push(`Subject ${message.subject}`);
  return parts.join(', ');
}

function checkLines({ checks }: Decision): readonly string[] {
  return checks.length === 0 ? ['none'] : formatTrace(checks).split('\n');
}

/** A decision as text for people. */
export function formatDecision(decision: Decision): string {
  const [firstCheck = '', ...moreChecks] = checkLines(decision);
  const lines = [
    `${decision.id}  ${new Date(decision.at).toISOString()}  ${decision.direction}  ${decision.outcome}`,
    `  session   ${printable(sessionLine(decision))}`,
    `  envelope  ${printable(envelopeLine(decision))}`,
    `  message   ${printable(messageLine(decision))}`,
    `  checks    ${firstCheck}`,
    ...moreChecks.map((line) => `            ${line}`),
    `  decision  ${printable(`${decision.outcome}: ${decision.reason}`)}`,
    `  reply     ${printable(decision.reply)}`,
  ];
  for (const { recipient, accountId, mailbox, emailId } of decision.deliveries) {
    lines.push(`  delivery  ${printable(`<${recipient}> -> account ${accountId}, ${mailbox}${emailId ? `, email ${emailId}` : ''}`)}`);
  }
  return lines.join('\n');
}

/** `mox why`: why a message was taken, refused or put where it is, from what was recorded. */
export const whyCommand: Command = {
  name: 'why',
  summary: 'explain what became of a message, and why',
  arguments: '<transaction id | message-id | address>',
  argumentCount: { least: 1, most: 1 },
  options: {
    dir: directoryOption,
    json: jsonOption,
    limit: { type: 'string', value: 'COUNT', help: 'show at most so many, newest first (default: 5)' },
  },
  details:
    'The transaction id is in the reply that the sender got, in the Received field and in the log. Works while the server runs.\nExit status: 0 where something is known; 1 where nothing is; 2 where the data cannot be read.',
  async run({ options, arguments: [text = ''], print }) {
    const limit = Number(textOption(options, 'limit') ?? 5);
    if (!Number.isInteger(limit) || limit < 1)
      throw new CommandError('--limit wants a positive number', 'e.g. --limit 10', { exitCode: 2 });
    const directory = dataDirectory(textOption(options, 'dir'));
    const { withStore } = await import('../open-data.ts');
    const decisions = await withStore(directory, { readOnly: true }, (store) => store.decisions.find({ text, limit }));
    if (options['json']) print(JSON.stringify(decisions));
    else if (decisions.length === 0) print(`nothing is known of ${printable(text)}`);
    else print(decisions.map(formatDecision).join('\n\n'));
    return decisions.length === 0 ? 1 : 0;
  },
};

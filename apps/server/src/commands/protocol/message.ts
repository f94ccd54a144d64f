import { type MessageAddress, messageText, type Part, parseMessage } from '@mox/message-format';
import { type Command, jsonOption } from '../../cli/command.ts';
import { printableLines } from '../../cli/printable.ts';
import { readInput } from './input.ts';
import { factLines, printResult } from './result.ts';

function addresses(list: readonly MessageAddress[]): string {
  return list.map(({ name, address }) => (name === '' ? address : `${name} <${address}>`)).join(', ');
}

function partLines(part: Part, indent: string): string[] {
  const size = part.bodyEnd - part.bodyStart;
  const own = `${indent}${part.type}/${part.subtype}  ${size} bytes at ${part.bodyStart}, ${part.encoding}${part.disposition ? `, ${part.disposition.type}` : ''}`;
  const inner = [...(part.parts ?? []), ...(part.message ? [part.message.part] : [])];
  return [own, ...inner.flatMap((one) => partLines(one, `${indent}  `))];
}

/** `mox message parse`: what a message is made of. */
export const messageParseCommand: Command = {
  name: 'message parse',
  summary: 'show what a message is made of, and what is wrong with it (RFC 5322, MIME)',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: { json: jsonOption, text: { type: 'boolean', help: 'print the text of the message alone' } },
  details: 'Reads standard input without a file.\nExit status: 0, whatever is wrong with the message; 2 where there is none.',
  examples: ['mox message parse mail.eml', 'mox message parse --json mail.eml', 'mox message parse --text < mail.eml'],
  async run(invocation) {
    const message = parseMessage(await readInput(invocation.arguments[0]));
    if (invocation.options['text']) {
      invocation.print(printableLines(messageText(message) ?? ''));
      return 0;
    }
    const facts = factLines({
      subject: message.subject,
      from: addresses(message.from),
      to: addresses(message.to),
      cc: addresses(message.cc),
      date: message.date && new Date(message.date.instant).toISOString(),
      'message-id': message.messageId,
      size: `${message.structure.sizeBytes} bytes, ${message.structure.lines} lines`,
    });
    const attachments = message.attachments.map(
      (attachment) => `attachment  ${attachment.filename ?? '(no name)'}  ${attachment.contentType}`,
    );
    const defects = message.defects.map((defect) => `defect  ${defect.code} at ${defect.offset} (${defect.rfc})`);
    const { headers: _headers, ...rest } = message;
    printResult(invocation, { ...rest, headers: message.headers.map(({ name, value }) => ({ name, value })) }, [
      ...facts,
      '',
      ...partLines(message.structure.part, ''),
      ...attachments,
      ...defects,
    ]);
    return 0;
  },
};

import { type EsmtpParameter, EsmtpParameters, noEsmtpParameters, parseRawParameters } from './esmtp-parameter.ts';
import type { ServerExtension } from './extension.ts';
import { replies } from './replies.ts';
import { type SmtpReply, smtpReply } from './reply.ts';
import type { ServerContext } from './server-context.ts';
import { serverExtensions } from './server-extensions.ts';

/** A parameter and the extension it belongs to. */
interface Row {
  readonly extension: ServerExtension;
  readonly parameter: EsmtpParameter<unknown>;
}

type Side = 'mailParameters' | 'recipientParameters';

/* @__NO_SIDE_EFFECTS__ */
function table(side: Side): ReadonlyMap<string, Row> {
  const rows = serverExtensions.flatMap((extension) => (extension[side] ?? []).map((parameter) => ({ extension, parameter })));
  return new Map(rows.map((row) => [row.parameter.keyword, row]));
}

const tables: Readonly<Record<Side, ReadonlyMap<string, Row>>> = {
  mailParameters: table('mailParameters'),
  recipientParameters: table('recipientParameters'),
};

function taken(extension: ServerExtension, session: ServerContext): boolean {
  return extension.takesParameters?.(session) ?? extension.announce(session) !== undefined;
}

/** Reads the parameters of MAIL or RCPT: those that extensions in force define. Everything else is refused (RFC 5321 §4.1.1.11). */
export function readParameters(session: ServerContext, side: Side, text: string): EsmtpParameters | SmtpReply {
  if (text === '') return noEsmtpParameters;
  const parsed = parseRawParameters(text);
  if (!parsed.ok) return smtpReply(501, '5.5.4', `Syntax error in parameters: ${parsed.error.message}`);
  const values = new Map<string, unknown>();
  const raw: Record<string, string> = {};
  for (const { keyword, value } of parsed.value) {
    const row = tables[side].get(keyword);
    if (!row || session.hello?.verb === 'HELO' || !taken(row.extension, session)) return replies.unknownParameter;
    if (values.has(keyword)) return smtpReply(501, '5.5.4', `Parameter ${keyword} given twice`);
    const read = row.parameter.parse(value);
    if (read === undefined) return smtpReply(501, '5.5.4', `Bad value of parameter ${keyword}`);
    values.set(keyword, read);
    raw[keyword] = value ?? '';
  }
  return new EsmtpParameters(values, raw);
}

// DSN (RFC 3461): which delivery status notifications the sender wants.
import type { DsnNotify, OriginalRecipient } from '../envelope.ts';
import type { EsmtpParameter } from '../esmtp-parameter.ts';
import type { ClientExtension, ServerExtension } from '../extension.ts';
import { decodeXtext, encodeXtext } from '../xtext.ts';

const conditions: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'DELAY']);

/** NOTIFY of RCPT. */
export const notifyParameter: EsmtpParameter<DsnNotify> = {
  keyword: 'NOTIFY',
  parse(value) {
    const words = value?.toUpperCase().split(',') ?? [];
    if (words.length === 1 && words[0] === 'NEVER') return 'NEVER';
    if (words.length === 0 || !words.every((word) => conditions.has(word))) return undefined;
    return [...new Set(words)] as ('SUCCESS' | 'FAILURE' | 'DELAY')[];
  },
};

/** ORCPT of RCPT: at most 500 characters. */
export const orcptParameter: EsmtpParameter<OriginalRecipient> = {
  keyword: 'ORCPT',
  parse(value) {
    const semicolon = value?.indexOf(';') ?? -1;
    if (value === undefined || semicolon < 1 || value.length > 500) return undefined;
    const type = value.slice(0, semicolon).toLowerCase();
    const rest = value.slice(semicolon + 1);
    // RFC 6533 §3: addresses of the type utf-8 have an encoding of their own, kept as it stands where it is no xtext.
    const address = decodeXtext(rest) ?? (type === 'utf-8' ? rest : undefined);
    return address === undefined || hasControl(address) ? undefined : { type, address };
  },
};

/** RET of MAIL: how much of the message a report of failure gives back (RFC 3461 §4.3). */
export const retParameter: EsmtpParameter<'FULL' | 'HDRS'> = {
  keyword: 'RET',
  parse(value) {
    const ret = value?.toUpperCase();
    return ret === 'FULL' || ret === 'HDRS' ? ret : undefined;
  },
};

/** ENVID of MAIL: how the sender calls the transaction (RFC 3461 §4.4), at most 100 characters. */
export const envidParameter: EsmtpParameter<string> = {
  keyword: 'ENVID',
  parse(value) {
    const envid = value === undefined || value.length > 100 ? undefined : decodeXtext(value);
    return envid === undefined || hasControl(envid) ? undefined : envid;
  },
};

/** What is printed into a report may not break its lines (RFC 3461 §4.4). */
function hasControl(text: string): boolean {
  return /[\x00-\x1f\x7f]/.test(text);
}

export const dsnServer: ServerExtension = {
  keyword: 'DSN',
  announce: ({ options }) => ((options.dsn ?? options.mode === 'submission') ? 'DSN' : undefined),
  mailParameters: [retParameter, envidParameter],
  recipientParameters: [notifyParameter, orcptParameter],
};

export const dsnClient: ClientExtension = {
  keyword: 'DSN',
  mailParameters: ({ ret, envid }) => [...(ret ? [`RET=${ret}`] : []), ...(envid === undefined ? [] : [`ENVID=${encodeXtext(envid)}`])],
  recipientParameters(envelope, index) {
    const recipient = envelope.recipients[index];
    const { notify, originalRecipient } = recipient ?? {};
    return [
      ...(notify ? [`NOTIFY=${typeof notify === 'string' ? notify : notify.join(',')}`] : []),
      ...(originalRecipient ? [`ORCPT=${originalRecipient.type};${encodeXtext(originalRecipient.address)}`] : []),
    ];
  },
};

// SMTPUTF8 (RFC 6531): addresses and header fields in UTF-8.
import type { SmtpEnvelope } from '../envelope.ts';
import type { EsmtpParameter } from '../esmtp-parameter.ts';
import type { ClientExtension, ServerExtension } from '../extension.ts';
import { smtpReply } from '../reply.ts';

/** SMTPUTF8 of MAIL (RFC 6531 §3.4): there, or not. */
export const smtpUtf8Parameter: EsmtpParameter<true> = {
  keyword: 'SMTPUTF8',
  parse: (value) => (value === undefined ? true : undefined),
};

const asciiSender = smtpReply(550, '5.6.7', 'An address that is not ASCII needs SMTPUTF8');
const asciiRecipient = smtpReply(553, '5.6.7', 'An address that is not ASCII needs SMTPUTF8');

export const smtpUtf8Server: ServerExtension = {
  keyword: 'SMTPUTF8',
  announce: () => 'SMTPUTF8',
  mailParameters: [smtpUtf8Parameter],
  // Codes: RFC 6531 §3.5.
  checkMail: (_, { path, parameters }) => (path.internationalized && !parameters.get(smtpUtf8Parameter) ? asciiSender : undefined),
  checkRecipient: (_, transaction, path) =>
    path.internationalized && !transaction.parameters.get(smtpUtf8Parameter) ? asciiRecipient : undefined,
};

/** Whether a message cannot go without the extension (RFC 6531 §3.4). */
function needsUtf8(envelope: SmtpEnvelope): boolean {
  const isAscii = (address: string): boolean => !/[^\x00-\x7f]/.test(address);
  return envelope.internationalized === true || !isAscii(envelope.sender) || !envelope.recipients.every(({ address }) => isAscii(address));
}

export const smtpUtf8Client: ClientExtension = {
  keyword: 'SMTPUTF8',
  refuse: (envelope, server) =>
    needsUtf8(envelope) && !server.get('SMTPUTF8')
      ? {
          code: 'not-offered',
          extension: 'SMTPUTF8',
          message: 'the message needs SMTPUTF8, which the server does not offer',
          enhanced: '5.6.7',
        }
      : undefined,
  mailParameters: (envelope) => (needsUtf8(envelope) ? ['SMTPUTF8'] : []),
};

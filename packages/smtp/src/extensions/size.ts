// SIZE (RFC 1870): the largest message, said beforehand.
import type { EsmtpParameter } from '../esmtp-parameter.ts';
import type { ClientExtension, ServerExtension } from '../extension.ts';
import { replies } from '../replies.ts';

/** SIZE of MAIL: about how many octets the message has (RFC 1870 §6). */
export const sizeParameter: EsmtpParameter<number> = {
  keyword: 'SIZE',
  parse: (value) => (value !== undefined && /^[0-9]{1,20}$/.test(value) ? Number(value) : undefined),
};

export const sizeServer: ServerExtension = {
  keyword: 'SIZE',
  announce: (session) => `SIZE ${session.limits.messageBytes}`,
  mailParameters: [sizeParameter],
  checkMail: (session, { parameters }) =>
    (parameters.get(sizeParameter) ?? 0) > session.limits.messageBytes ? replies.messageTooBig : undefined,
};

export const sizeClient: ClientExtension = {
  keyword: 'SIZE',
  refuse(envelope, server) {
    const limit = Number(server.get('SIZE')?.[0] ?? 0);
    // RFC 1870 §4: zero, and nothing, stand for no fixed limit.
    if (!(limit > 0) || envelope.sizeBytes === undefined || envelope.sizeBytes <= limit) return undefined;
    return {
      code: 'message-too-big',
      message: `the server takes ${limit} octets, the message has ${envelope.sizeBytes}`,
      enhanced: '5.3.4',
    };
  },
  mailParameters: ({ sizeBytes }) => (sizeBytes === undefined ? [] : [`SIZE=${sizeBytes}`]),
};

// 8BITMIME (RFC 6152): octets above 127 in the content.
import type { SmtpBody } from '../envelope.ts';
import type { EsmtpParameter } from '../esmtp-parameter.ts';
import type { ClientExtension, ServerExtension } from '../extension.ts';

const bodies: ReadonlySet<string> = new Set<SmtpBody>(['7BIT', '8BITMIME', 'BINARYMIME']);

/** BODY of MAIL. */
export const bodyParameter: EsmtpParameter<SmtpBody> = {
  keyword: 'BODY',
  parse(value) {
    const body = value?.toUpperCase() ?? '';
    return bodies.has(body) ? (body as SmtpBody) : undefined;
  },
};

export const eightBitMimeServer: ServerExtension = {
  keyword: '8BITMIME',
  announce: () => '8BITMIME',
  mailParameters: [bodyParameter],
};

export const eightBitMimeClient: ClientExtension = {
  keyword: '8BITMIME',
  // deviates RFC 6152 §3: without the extension the octets are sent all the same, undeclared; converting the content would break
  // its signatures, and every server of today is 8-bit clean.
  mailParameters: ({ body }) => (body === '8BITMIME' ? ['BODY=8BITMIME'] : []),
};

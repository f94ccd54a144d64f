// REQUIRETLS (RFC 8689): the message may only travel under TLS to servers whose names are proven.
import type { EsmtpParameter } from '../esmtp-parameter.ts';
import type { ClientExtension, ServerExtension } from '../extension.ts';

/** REQUIRETLS of MAIL (RFC 8689 §2): there, or not. */
export const requireTlsParameter: EsmtpParameter<true> = {
  keyword: 'REQUIRETLS',
  parse: (value) => (value === undefined ? true : undefined),
};

export const requireTlsServer: ServerExtension = {
  keyword: 'REQUIRETLS',
  announce: (session) => (session.options.requireTls && session.tls ? 'REQUIRETLS' : undefined),
  mailParameters: [requireTlsParameter],
};

export const requireTlsClient: ClientExtension = {
  keyword: 'REQUIRETLS',
  refuse: (envelope, server) =>
    envelope.requireTls && !(server.tls && server.get('REQUIRETLS'))
      ? {
          code: 'not-offered',
          extension: 'REQUIRETLS',
          message: 'the message requires TLS all the way, which the server does not promise',
          enhanced: '5.7.30',
        }
      : undefined,
  mailParameters: (envelope) => (envelope.requireTls ? ['REQUIRETLS'] : []),
};

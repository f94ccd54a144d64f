// BINARYMIME (RFC 3030 §3): content that is no lines. It goes by BDAT alone.
import type { ClientExtension, ServerExtension } from '../extension.ts';
import { replies } from '../replies.ts';
import { bodyParameter } from './eightbitmime.ts';

export const binaryMimeServer: ServerExtension = {
  keyword: 'BINARYMIME',
  announce: ({ options }) => (options.binaryMime ? 'BINARYMIME' : undefined),
  checkMail: ({ options }, { parameters }) =>
    parameters.get(bodyParameter) === 'BINARYMIME' && !options.binaryMime ? replies.unknownParameter : undefined,
  checkData: (transaction) => (transaction.parameters.get(bodyParameter) === 'BINARYMIME' ? replies.badSequence : undefined),
};

export const binaryMimeClient: ClientExtension = {
  keyword: 'BINARYMIME',
  refuse: (envelope, server) =>
    envelope.body === 'BINARYMIME' && !(server.get('BINARYMIME') && server.get('CHUNKING'))
      ? {
          code: 'not-offered',
          extension: 'BINARYMIME',
          message: 'the message is binary, which the server does not take',
          enhanced: '5.6.1',
        }
      : undefined,
  mailParameters: ({ body }) => (body === 'BINARYMIME' ? ['BODY=BINARYMIME'] : []),
};

// ENHANCEDSTATUSCODES (RFC 2034). Replies carry their code of RFC 3463 in any case; the keyword says so.
import type { ClientExtension, ServerExtension } from '../extension.ts';

export const enhancedStatusCodesServer: ServerExtension = { keyword: 'ENHANCEDSTATUSCODES', announce: () => 'ENHANCEDSTATUSCODES' };

export const enhancedStatusCodesClient: ClientExtension = { keyword: 'ENHANCEDSTATUSCODES' };

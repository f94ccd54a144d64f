// PIPELINING (RFC 2920). The server handles one command after another whatever comes in together; the client asks
// for this keyword before it sends commands in groups.
import type { ClientExtension, ServerExtension } from '../extension.ts';

export const pipeliningServer: ServerExtension = { keyword: 'PIPELINING', announce: () => 'PIPELINING' };

export const pipeliningClient: ClientExtension = { keyword: 'PIPELINING' };

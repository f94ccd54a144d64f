export { createImapService, type ImapService, type ImapServiceOptions } from './imap-service.ts';
export type { ImapServed, Peer } from './peer.ts';

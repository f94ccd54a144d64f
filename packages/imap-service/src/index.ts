export { createImapService, type ImapServed, type ImapService, type ImapServiceOptions, type Peer } from './imap-service.ts';

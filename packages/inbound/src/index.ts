export type { Check, CheckInput } from './check.ts';
export { InboundSession } from './connection.ts';
export { decideMessage, decideRecipient, decideSender, type MessagePolicy, mostReceived } from './decide.ts';
export { type DmarcEnforcement, decideDmarc } from './decide-dmarc.ts';
export type {
  AuthenticationEvidence,
  Evidence,
  MessageEvidence,
  RecipientEvidence,
  SenderEvidence,
  SessionEvidence,
} from './evidence.ts';
export type { HeaderFacts } from './header-section.ts';
export { createInbound, type Inbound } from './inbound.ts';
export type { InboundAuthentication, InboundConnection, InboundListener, InboundOptions } from './options.ts';
export { formatAddressLiteral, formatReceived, formatReturnPath, type ReceivedFacts, withProtocol } from './trace-fields.ts';
export { makeTransactionId } from './transaction-id.ts';
export type { Verdict } from './verdict.ts';

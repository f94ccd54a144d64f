export type { Check, CheckInput } from './check.ts';
export { InboundSession } from './connection.ts';
export { decideMessage, decideRecipient, decideSender, mostReceived, type Verdict } from './decide.ts';
export type { Evidence, MessageEvidence, RecipientEvidence, SenderEvidence, SessionEvidence } from './evidence.ts';
export type { HeaderFacts } from './header-section.ts';
export { createInbound, type Inbound } from './inbound.ts';
export type { InboundConnection, InboundListener, InboundOptions } from './options.ts';
export { formatAddressLiteral, formatReceived, formatReturnPath, type ReceivedFacts, withProtocol } from './trace-fields.ts';
export { makeTransactionId } from './transaction-id.ts';

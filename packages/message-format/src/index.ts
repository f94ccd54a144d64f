export { type Attachment, checkContentMd5, findByCid, partFilename, safeFilename } from './attachment.ts';
export {
  type AuthenticationProperty,
  type AuthenticationResult,
  type AuthenticationResults,
  formatAuthenticationResults,
  parseAuthenticationResults,
} from './authentication-results.ts';
export { type AutoReplyObstacle, type AutoSubmitted, findAutoReplyObstacle, parseAutoSubmitted } from './auto-submitted.ts';
export { type BaseSubject, parseBaseSubject } from './base-subject.ts';
export { type BodyParts, hasFilename, partCharset, selectBodyParts } from './body-parts.ts';
export { type ComposedMessage, type ComposeInput, type ComposeOptions, type ComposeReport, composeMessage } from './compose.ts';
export type { ComposeMailbox, ComposeRecipient } from './compose-address.ts';
export { ComposeError, type ComposeErrorCode } from './compose-error.ts';
export type { ComposeAttachment, ComposeContent } from './compose-part.ts';
export { type ContentDisposition, type ContentType, parseContentDisposition, parseContentType } from './content-type.ts';
export { formatDate, type MessageDate, parseDate } from './date.ts';
export {
  type BodyDecoder,
  type BytesDecoder,
  bodyDecoder,
  type DecodedBody,
  decodeBody,
  decodeBodyStream,
  decodeText,
  decodeTextStream,
  type EncodedPart,
  rawBody,
  readBody,
} from './decode-body.ts';
export type { Defect } from './defect.ts';
export { parseDeliveredTo, wasDeliveredTo } from './delivered-to.ts';
export type { Envelope, EnvelopeAddress } from './envelope.ts';
export { writeField, writeUnstructured } from './field-writer.ts';
export { decodeFlowed, type EncodeFlowedOptions, encodeFlowed, FlowedDecoder, type FlowedOptions } from './flowed.ts';
export {
  decodeHeaderBytes,
  findField,
  findFields,
  findHeaderEnd,
  type HeaderField,
  parseHeaderFields,
  readHeaderSection,
  unfold,
} from './header-field.ts';
export { type HtmlTextOptions, htmlToText } from './html-text.ts';
export { defaultStructureLimits, type StructureLimits } from './limits.ts';
export { formatListUris, type ListHeaders, parseListHeaders, parseListId, parseListUris, writeListHeaders } from './list-headers.ts';
export {
  type Message,
  type MessageAddress,
  type MessageLimits,
  type MessageSummary,
  messageText,
  parseMessage,
  toMessageAddresses,
} from './message.ts';
export { formatMessageIds, makeMessageId, parseMessageId, parseMessageIds, replyIdentifiers } from './message-id.ts';
export { findParameter } from './parameters.ts';
export type { MessageStructure, Parameter, Part } from './part.ts';
export { PartFinder, type PartReferences } from './part-finder.ts';
export type { PartHead, PartListener } from './part-listener.ts';
export { joinPartialMessages, type PartialError, type PartialFragment, readPartialFragment } from './partial-message.ts';
export { previewText, textPreview } from './preview.ts';
export { findReaction, formatReaction, parseReaction } from './reaction.ts';
export { formatReceived, parseReceived, type Received, type ReceivedHost, type ReceivedToFormat } from './received.ts';
export { FieldNames, type SectionBytes, selectFields } from './select-fields.ts';
export { type SplitEvent, splitMessage } from './split-message.ts';
export {
  type MessageSource,
  openMessage,
  type StoredAttachment,
  type StoredMessage,
  type StoredTextOptions,
} from './stored-message.ts';
export { parseStructure, StructureParser } from './structure.ts';

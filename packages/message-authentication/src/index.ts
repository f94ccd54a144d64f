export {
  type AuthenticateMessageDeps,
  authenticateMessage,
  type MessageAuthentication,
  MessageAuthenticator,
} from './authenticate-message.ts';
export { type ArcOverride, findArcOverride } from './find-arc-override.ts';
export { makeAuthenticationResults } from './make-authentication-results.ts';
export type { MessageSource } from './message-source.ts';

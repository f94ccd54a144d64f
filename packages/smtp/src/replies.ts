// Replies that the session gives by itself. Codes: RFC 5321 §4.2.3; enhanced status codes: RFC 3463 §3 and RFC 5248.
import { type SmtpReply, smtpReply } from './reply.ts';

type ReplyName =
  | 'ok'
  | 'senderOk'
  | 'recipientOk'
  | 'accepted'
  | 'startMail'
  | 'cannotVerify'
  | 'startTls'
  | 'authenticated'
  | 'timeout'
  | 'shutdown'
  | 'tooManyErrors'
  | 'tooManyTransactions'
  | 'tooManyRecipients'
  | 'tlsUnavailable'
  | 'temporaryAuthenticationFailure'
  | 'lineTooLong'
  | 'authenticationLineTooLong'
  | 'bareLineEnd'
  | 'badCharacters'
  | 'unknownCommand'
  | 'notImplemented'
  | 'noArgument'
  | 'notUtf8'
  | 'badBase64'
  | 'cancelled'
  | 'unexpectedInitialResponse'
  | 'helloFirst'
  | 'mailFirst'
  | 'recipientFirst'
  | 'nestedMail'
  | 'badSequence'
  | 'refusedSession'
  | 'noValidRecipients'
  | 'unknownMechanism'
  | 'authenticationRequired'
  | 'tlsRequired'
  | 'mechanismTooWeak'
  | 'invalidCredentials'
  | 'messageTooBig'
  | 'bareLineEndInMessage'
  | 'unknownParameter';

export const replies: Readonly<Record<ReplyName, SmtpReply>> = {
  ok: smtpReply(250, '2.0.0', 'OK'),
  senderOk: smtpReply(250, '2.1.0', 'OK'),
  recipientOk: smtpReply(250, '2.1.5', 'OK'),
  accepted: smtpReply(250, '2.0.0', 'OK, message accepted'),
  startMail: smtpReply(354, '', 'Start mail input; end with <CRLF>.<CRLF>'),
  cannotVerify: smtpReply(252, '2.5.0', 'Cannot verify the user, but will take mail for him and try'),
  startTls: smtpReply(220, '2.0.0', 'Ready to start TLS'),
  authenticated: smtpReply(235, '2.7.0', 'Authentication succeeded'),

  timeout: smtpReply(421, '4.4.2', 'Idle for too long, closing'),
  shutdown: smtpReply(421, '4.3.2', 'Service shuts down, try again soon'),
  tooManyErrors: smtpReply(421, '4.7.0', 'Too many errors, closing'),
  tooManyTransactions: smtpReply(421, '4.7.0', 'Enough for one session, open another one'),
  tooManyRecipients: smtpReply(452, '4.5.3', 'Too many recipients, send the rest in another transaction'),
  tlsUnavailable: smtpReply(454, '4.7.0', 'TLS is not available'),
  temporaryAuthenticationFailure: smtpReply(454, '4.7.0', 'Cannot authenticate anybody just now, try again later'),

  lineTooLong: smtpReply(500, '5.5.2', 'Line too long'),
  authenticationLineTooLong: smtpReply(500, '5.5.6', 'Authentication exchange line is too long'),
  bareLineEnd: smtpReply(500, '5.5.2', 'Lines end with CR LF, and with nothing else'),
  badCharacters: smtpReply(500, '5.5.2', 'Control characters are not allowed in a command'),
  unknownCommand: smtpReply(500, '5.5.1', 'Command not recognized'),
  notImplemented: smtpReply(502, '5.5.1', 'Command not implemented'),
  noArgument: smtpReply(501, '5.5.4', 'This command takes no argument'),
  notUtf8: smtpReply(501, '5.5.2', 'Not UTF-8'),
  badBase64: smtpReply(501, '5.5.2', 'Not base64'),
  cancelled: smtpReply(501, '5.7.0', 'Authentication cancelled'),
  unexpectedInitialResponse: smtpReply(501, '5.7.0', 'This mechanism takes no initial response'),
  helloFirst: smtpReply(503, '5.5.1', 'Say hello first'),
  mailFirst: smtpReply(503, '5.5.1', 'Need MAIL before this'),
  recipientFirst: smtpReply(503, '5.5.1', 'Need RCPT before this'),
  nestedMail: smtpReply(503, '5.5.1', 'A mail transaction is open already'),
  badSequence: smtpReply(503, '5.5.1', 'Bad sequence of commands'),
  refusedSession: smtpReply(503, '5.5.1', 'No service here, only QUIT is left'),
  noValidRecipients: smtpReply(554, '5.5.1', 'No valid recipients'),
  unknownMechanism: smtpReply(504, '5.5.4', 'Authentication mechanism not offered'),
  authenticationRequired: smtpReply(530, '5.7.0', 'Authentication required'),
  tlsRequired: smtpReply(530, '5.7.0', 'Must issue a STARTTLS command first'),
  mechanismTooWeak: smtpReply(538, '5.7.11', 'Encryption required for the requested authentication mechanism'),
  invalidCredentials: smtpReply(535, '5.7.8', 'Authentication credentials invalid'),
  messageTooBig: smtpReply(552, '5.3.4', 'Message size exceeds the limit'),
  bareLineEndInMessage: smtpReply(554, '5.6.0', 'Message has CR or LF that are not a line end CR LF (RFC 5321 section 2.3.8)'),
  unknownParameter: smtpReply(555, '5.5.4', 'Parameter not recognized or not implemented'),
};

import type { SaslFailureReason, SaslIdentity, SaslLookup } from '@mox/sasl';
import type { ImapCommand } from './command.ts';
import type { AppendCommand, AppendMessage } from './commands/append.ts';

/** What a server session asks of, or tells, the service behind it. Those marked "parks" wait for an answer. */
export type ImapServerEvent =
  /** A command that the session does not handle by itself. Parks: answer by `complete`. */
  | { readonly type: 'command'; readonly tag: string; readonly command: ImapCommand }
  /** APPEND wants to send its first message. Parks: answer by `acceptAppend`, or refuse by `complete`. */
  | { readonly type: 'append'; readonly tag: string; readonly command: AppendCommand }
  /** Bytes of the message accepted last. `complete` refuses what is left. */
  | { readonly type: 'append-chunk'; readonly bytes: Uint8Array }
  /** Another message of the same APPEND (RFC 3502); the one before is whole. Parks: as `append`. */
  | { readonly type: 'append-next'; readonly message: AppendMessage }
  /** The last message is whole. Parks: answer by `complete`. */
  | { readonly type: 'append-end' }
  /** The APPEND came to nothing: bad syntax behind a message. It is answered already. */
  | { readonly type: 'append-abort' }
  /** Something must be found out about a login. Parks: answer by `answerLookup`. */
  | { readonly type: 'sasl-lookup'; readonly lookup: SaslLookup }
  /** The credentials are right. Parks: answer by `acceptLogin`, or refuse by `complete`. */
  | { readonly type: 'authenticated'; readonly identity: SaslIdentity }
  /** A login failed. The client is told already. */
  | {
      readonly type: 'authentication-failed';
      readonly mechanism: string;
      readonly reason: SaslFailureReason;
      readonly problem: string;
      readonly authcid?: string;
    }
  /** The client idles: untagged data may be written at any time from now on. */
  | { readonly type: 'idle' }
  /** The client is back. Parks: answer by `complete`. */
  | { readonly type: 'idle-done' };

/** The end of a command. */
export interface TaggedReply {
  readonly status: 'OK' | 'NO' | 'BAD';
  /** Response code without its brackets, e.g. `READ-WRITE`. */
  readonly code?: string;
  readonly text: string;
}

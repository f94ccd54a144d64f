import type { SmtpReply } from '@mox/smtp';

/** What is to be done, and by which rule. */
export type Verdict =
  | {
      readonly action: 'accept';
      /** Where it goes; the inbox unless said. */
      readonly place?: 'junk';
      readonly reason: string;
    }
  | { readonly action: 'refuse'; readonly reason: string; readonly reply: SmtpReply };

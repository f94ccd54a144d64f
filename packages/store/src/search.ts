/** What to look for: a tree, plain data. Text is compared by Unicode case folding, headers and bodies after decoding. */
export type SearchCriterion =
  | { readonly type: 'all' }
  | { readonly type: 'and' | 'or'; readonly criteria: readonly SearchCriterion[] }
  | { readonly type: 'not'; readonly criterion: SearchCriterion }
  /** A flag or a keyword is set. */
  | { readonly type: 'flag'; readonly flag: string }
  /** Uid ranges, both ends included. */
  | { readonly type: 'uid'; readonly ranges: readonly (readonly [from: number, to: number])[] }
  | { readonly type: 'larger' | 'smaller'; readonly sizeBytes: number }
  /** Received (INTERNALDATE), sent (Date field) or saved within [from, to), milliseconds; either end may be open. Sent is compared by the date of the field's own time zone. */
  | { readonly type: 'received' | 'sent' | 'saved'; readonly from?: number; readonly to?: number }
  /** A header field contains a text; the empty text: the field is there. Name in any case. */
  | { readonly type: 'header'; readonly name: string; readonly text: string }
  | { readonly type: 'from' | 'to' | 'cc' | 'bcc' | 'subject'; readonly text: string }
  /** Body: all text parts. Text: header fields and body. */
  | { readonly type: 'body' | 'text'; readonly text: string }
  /** Modseq at least this. */
  | { readonly type: 'modseq'; readonly modseq: number }
  | { readonly type: 'email-id' | 'thread-id'; readonly id: string };

import type { ImapConnection } from './imap-connection.ts';

/**
 * The client has done what makes it aware of mod-sequences (RFC 7162 §3.1): from now on FETCH responses carry them. With a mailbox
 * selected the first such command is answered by HIGHESTMODSEQ. `already`: ENABLE has switched it on by itself.
 */
export function enableCondstore(connection: ImapConnection, options: { readonly already: boolean } = { already: false }): void {
  const { session, selected } = connection;
  if (!options.already && session.enable(['CONDSTORE']).length === 0) return;
  if (selected) session.untagged(`OK [HIGHESTMODSEQ ${toldModseq(connection)}] Mod-sequences from here on`);
}

/** The highest mod-sequence of which the client knows all there is: below that of messages that went without its being told. */
export function toldModseq({ view }: ImapConnection): number {
  let modseq = view.highestModseq;
  for (const gone of view.gone.values()) modseq = Math.min(modseq, gone - 1);
  // RFC 7162 §7: a mod-sequence is not zero
  return Math.max(1, modseq);
}

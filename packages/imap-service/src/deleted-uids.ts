import type { SelectedMailbox } from './selected-mailbox.ts';

/** Uids of the messages marked `\Deleted`, among some places or all that the client knows of. */
export async function deletedUids(view: SelectedMailbox, places?: Uint32Array): Promise<Uint32Array> {
  const { table, flags } = view;
  await flags.load(flags.missing(table.flagSetIds.subarray(0, view.told)));
  const isDeleted = (place: number): boolean => flags.get(table.flagSetIds[place] ?? 0).flags.includes('\\Deleted');
  const uids: number[] = [];
  if (places) {
    for (const place of places) if (isDeleted(place)) uids.push(table.uids[place] ?? 0);
  } else {
    for (let place = 0; place < view.told; place++) if (isDeleted(place)) uids.push(table.uids[place] ?? 0);
  }
  return Uint32Array.from(uids);
}

import type { CommandHandler } from '../handler.ts';
import { close, unselect } from './close.ts';
import { copy, move } from './copy.ts';
import { create } from './create.ts';
import { deleteMailbox } from './delete.ts';
import { enable } from './enable.ts';
import { expunge } from './expunge.ts';
import { fetch } from './fetch.ts';
import { id } from './id.ts';
import { list, lsub } from './list.ts';
import { namespace } from './namespace.ts';
import { check, noop } from './noop.ts';
import { rename } from './rename.ts';
import { search } from './search.ts';
import { examine, select } from './select.ts';
import { status } from './status.ts';
import { store } from './store.ts';
import { subscribe, unsubscribe } from './subscribe.ts';

/** What each command does: an extension's command is a row here. */
const handlers: readonly CommandHandler[] = [
  noop,
  check,
  id,
  enable,
  namespace,
  select,
  examine,
  create,
  deleteMailbox,
  rename,
  subscribe,
  unsubscribe,
  list,
  lsub,
  status,
  close,
  unselect,
  expunge,
  fetch,
  store,
  copy,
  move,
  search,
];

const byName = new Map(handlers.map((handler) => [handler.name, handler]));

/** The row of a verb. */
export function handlerFor(name: string): CommandHandler | undefined {
  return byName.get(name);
}

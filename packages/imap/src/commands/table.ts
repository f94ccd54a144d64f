import type { CommandDefinition } from '../command.ts';
import { append } from './append.ts';
import { authenticate } from './authenticate.ts';
import { copy, move } from './copy.ts';
import { create } from './create.ts';
import { enable } from './enable.ts';
import { expunge } from './expunge.ts';
import { fetch } from './fetch.ts';
import { id } from './id.ts';
import { list, lsub } from './list.ts';
import { login } from './login.ts';
import { deleteMailbox, subscribe, unsubscribe } from './mailbox.ts';
import { rename } from './rename.ts';
import { search } from './search.ts';
import { examine, select } from './select.ts';
import { capability, check, close, idle, logout, namespace, noop, unselect } from './simple.ts';
import { starttls } from './starttls.ts';
import { status } from './status.ts';
import { store } from './store.ts';

/** Every command: an extension's command is a row here. */
export const commands: readonly CommandDefinition[] = [
  capability,
  noop,
  logout,
  starttls,
  login,
  authenticate,
  id,
  enable,
  select,
  examine,
  create,
  deleteMailbox,
  rename,
  subscribe,
  unsubscribe,
  list,
  lsub,
  namespace,
  status,
  append,
  idle,
  check,
  close,
  unselect,
  expunge,
  fetch,
  store,
  copy,
  move,
  search,
];

/** Rows by verb. */
export const commandByName: ReadonlyMap<string, CommandDefinition> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ commands.map((command) => [command.name, command]),
);

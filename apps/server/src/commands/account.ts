import { randomInt } from 'node:crypto';
import type { AccountInfo, Credential } from '@mox/store';
import { type Command, directoryOption, jsonOption, type OptionValues, textOption } from '../cli/command.ts';
import { CommandError } from '../cli/command-error.ts';
import { type DataDirectory, dataDirectory } from '../config/data-directory.ts';
import type { withStore as WithStore } from '../open-data.ts';

const passwordOption = { type: 'string', value: 'PASSWORD', help: 'the password (default: a new one is made and printed)' } as const;

/** What needs more of the program than its help does is loaded when it is needed. */
async function loadWithCredentials(password: string): Promise<{ credentials: readonly Credential[]; withStore: typeof WithStore }> {
  const [{ newCredentials }, { Secret }, { withStore }] = await Promise.all([
    import('../auth/new-credentials.ts'),
    import('@mox/runtime'),
    import('../open-data.ts'),
  ]);
  return { credentials: await newCredentials(new Secret(password)), withStore };
}

/** Letters and digits that cannot be mistaken for each other. */
const letters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A password nobody can guess (80 bits), of letters and digits that need no quoting. */
export function newPassword(): string {
  return Array.from({ length: 16 }, () => letters[randomInt(letters.length)]).join('');
}

function directoryOf(options: OptionValues): DataDirectory {
  return dataDirectory(textOption(options, 'dir'));
}

function formatAccount(account: AccountInfo): string {
  return `${account.name}  ${account.enabled ? 'enabled' : 'disabled'}  ${account.addresses.join(', ')}`;
}

/** `mox account list`. */
export const accountListCommand: Command = {
  name: 'account list',
  summary: 'list accounts and their addresses',
  arguments: '',
  argumentCount: { least: 0, most: 0 },
  options: { dir: directoryOption, json: jsonOption },
  async run({ options, print }) {
    const { withStore } = await import('../open-data.ts');
    const accounts = await withStore(directoryOf(options), { readOnly: true }, (store) => store.accounts.list());
    if (options['json']) print(JSON.stringify(accounts));
    else for (const account of accounts) print(formatAccount(account));
    return 0;
  },
};

/** `mox account add`. */
export const accountAddCommand: Command = {
  name: 'account add',
  summary: 'add an account; the server must not run',
  arguments: '<address>',
  argumentCount: { least: 1, most: 1 },
  options: { dir: directoryOption, password: passwordOption, json: jsonOption },
  async run({ options, arguments: [address = ''], print }) {
    if (!/^[^\s@]+@[^\s@]+$/.test(address)) {
      throw new CommandError(`${address} is not an address`, 'write it as name@domain', { exitCode: 2 });
    }
    const password = textOption(options, 'password') ?? newPassword();
    const { credentials, withStore } = await loadWithCredentials(password);
    const name = address.toLowerCase();
    const result = await withStore(directoryOf(options), {}, (store) => store.accounts.create({ name, addresses: [name], credentials }));
    if (!result.ok) throw new CommandError(`${result.taken} belongs to an account already`, 'mox account list');
    if (options['json']) print(JSON.stringify({ account: result.account, password }));
    else print(`added ${name}, password ${password}`);
    return 0;
  },
};

/** `mox account password`. */
export const accountPasswordCommand: Command = {
  name: 'account password',
  summary: 'give an account a new password; the server must not run',
  arguments: '<account>',
  argumentCount: { least: 1, most: 1 },
  options: { dir: directoryOption, password: passwordOption },
  details: 'The password of the account in mox.yaml is taken from there at each start: change it there.',
  async run({ options, arguments: [login = ''], print }) {
    const password = textOption(options, 'password') ?? newPassword();
    const { credentials, withStore } = await loadWithCredentials(password);
    await withStore(directoryOf(options), {}, async (store) => {
      const account = await store.accounts.findByLogin(login);
      if (!account) throw new CommandError(`there is no account ${login}`, 'mox account list');
      await store.accounts.setCredentials(account.id, credentials);
    });
    print(`password of ${login} is now ${password}`);
    return 0;
  },
};

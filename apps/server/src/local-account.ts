import { type Logger, Secret } from '@mox/runtime';
import type { Accounts } from '@mox/store';
import { newCredentials } from './auth/new-credentials.ts';
import { verifyPassword } from './auth/password-hash.ts';
import { CommandError } from './cli/command-error.ts';
import type { Config } from './config/schema.ts';

/** The address that takes mail for every other one. */
const catchAllAddress = '@';

/** Makes the account that the configuration names, or brings an old one in line with it. */
export async function ensureAccount(accounts: Accounts, config: Config, logger: Logger): Promise<void> {
  const { name, catchAll } = config.account;
  const password = new Secret(config.account.password);
  const addresses = catchAll ? [name, catchAllAddress] : [name];
  const found = await accounts.findByLogin(name);
  if (!found) {
    const made = await accounts.create({ name, addresses, credentials: await newCredentials(password) });
    if (!made.ok) throw new CommandError(`${made.taken} belongs to another account`, 'choose another account.name in mox.yaml');
    logger.info('account made', { account: name });
    return;
  }
  const others = found.addresses.filter((address) => address !== catchAllAddress && address !== name);
  const wanted = [...addresses, ...others];
  if (wanted.toSorted().join(' ') !== found.addresses.toSorted().join(' ')) await accounts.update(found.id, { addresses: wanted });
  const stored = (await accounts.credentials(found.id)).find((credential) => credential.type === 'password');
  if (stored && (await verifyPassword(password, stored.hash))) return;
  await accounts.setCredentials(found.id, await newCredentials(password));
  logger.info('password taken from the configuration', { account: name });
}

// Other implementations of DKIM.
import { join } from 'node:path';
import { isInstalled, type Peer } from '../../../tools/peer.ts';

const python = '/usr/bin/python3';

export const mailDkim: Peer = {
  name: "Debian's libmail-dkim-perl",
  command: 'perl',
  args: [join(import.meta.dirname, 'mail-dkim.pl')],
  probe: ['-MMail::DKIM', '-e', '1'],
};
export const pythonDkim: Peer = {
  name: "Debian's python3-dkim",
  command: python,
  args: [join(import.meta.dirname, 'python-dkim.py')],
  probe: ['-c', 'import dkim, nacl'],
};
export const libopendkim: Peer = {
  name: "Debian's libopendkim11",
  command: python,
  args: [join(import.meta.dirname, 'opendkim.py')],
  probe: ['-c', 'import ctypes; ctypes.CDLL("libopendkim.so.11")'],
};

/** Whether a program is there and runs; CI must not skip what needs it. */
export function available(command: string, args: readonly string[]): boolean {
  const found = isInstalled({ command, probe: args });
  if (!found && process.env['CI']) throw new Error(`${command} ${args.join(' ')}: CI must not skip this test`);
  return found;
}

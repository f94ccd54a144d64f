// LIMITS (RFC 9422): limits of the server, said beforehand.
import type { ClientExtension, ServerExtension, SmtpCapabilities } from '../extension.ts';

export const limitsServer: ServerExtension = {
  keyword: 'LIMITS',
  announce({ limits }) {
    const mailMax = limits.transactions === undefined ? '' : `MAILMAX=${limits.transactions} `;
    return `LIMITS ${mailMax}RCPTMAX=${limits.recipients}`;
  },
};

export const limitsClient: ClientExtension = { keyword: 'LIMITS' };

/** A limit that a server announced, by its name, e.g. `RCPTMAX`; undefined where it announced none. */
export function announcedLimit(server: SmtpCapabilities, name: string): number | undefined {
  const found = server.get('LIMITS')?.find((word) => word.toUpperCase().startsWith(`${name}=`));
  const value = found?.slice(name.length + 1) ?? '';
  return /^[0-9]{1,6}$/.test(value) && Number(value) > 0 ? Number(value) : undefined;
}

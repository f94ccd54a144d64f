// Against tldts, whose list and look-up are used: the cost of a Domain around it.
import { parseDomain } from '@mox/idna';
import { organizationalDomain } from '@mox/publicsuffix';
import { getDomain } from 'tldts';
import { benchmark } from '../../../tools/bench-harness.ts';

for (const name of ['example.com', 'mail.a.b.example.co.uk', 'user.github.io', 'www.食狮.公司.cn', `${'a.'.repeat(120)}example.com`]) {
  const parsed = parseDomain(name);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const domain = parsed.value;
  const row = name.length > 200 ? 'hostile, a name of 121 labels' : name;
  await benchmark(`organizational domain, ${row}`, {
    mox: () => organizationalDomain(domain),
    tldts: () => getDomain(domain.ascii, { allowPrivateDomains: true }),
  });
}

import { readdirSync } from 'node:fs';
import { ZoneResolver } from '@mox/dns/testing';
import { fromLatin1, toUtf8 } from '@mox/runtime';
import { expect, it } from 'vitest';
import { conformancePath, describeConformance, readConformance } from '../../../tools/conformance.ts';
import { verifyDkim } from '../src/index.ts';

interface Case {
  readonly id: string;
  readonly message: string;
  readonly dns: Readonly<Record<string, string>>;
  readonly want: readonly string[];
}

function resolverOf(dns: Readonly<Record<string, string>>): ZoneResolver {
  return new ZoneResolver(
    Object.entries(dns).map(([name, text]) => ({ name: name.toLowerCase(), type: 'TXT', ttlSeconds: 60, data: [fromLatin1(text)] })),
  );
}

describeConformance('dkim', 'RFC 8463 appendix A and changes of it', () => {
  const cases: readonly Case[] = JSON.parse(toUtf8(readConformance('dkim', 'cases.json')));
  for (const { id, message, dns, want } of cases) {
    it(id, async () => {
      const results = await verifyDkim(readConformance('dkim', message), { resolver: resolverOf(dns), now: Date.parse('2018-07-01') });
      expect(
        results.map((result) => result.status),
        JSON.stringify(results, undefined, 1),
      ).toEqual(want);
    });
  }
});

describeConformance('dkim', "Mail::DKIM's corpus: signatures that are mathematically right, and those that are not", () => {
  const dns: Record<string, string> = JSON.parse(toUtf8(readConformance('dkim', 'mail-dkim/dns.json')));
  for (const file of readdirSync(conformancePath('dkim/mail-dkim')).filter((name) => name.endsWith('.eml'))) {
    it(file, async () => {
      const results = await verifyDkim(readConformance('dkim', `mail-dkim/${file}`), {
        resolver: resolverOf(dns),
        now: Date.parse('2010-01-01'),
      });
      const good = /^(good|mine|goodkey|no_body|multiple)_/.test(file);
      expect(
        results.some((result) => result.verified),
        JSON.stringify(results, undefined, 1),
      ).toBe(good);
    });
  }
});

import { unwrap } from '@mox/syntax';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, parseCertificate } from './certificate.ts';
import { findPolicyFault } from './certificate-policies.ts';
import { createCertificateAuthority, createSelfSignedCertificate } from './issue-certificate.ts';

const any = '2.5.29.32.0';
type Rules = Partial<Pick<Certificate, 'policies' | 'policyMappings' | 'policyConstraints' | 'inhibitAnyPolicy'>>;

let issued: Certificate;
let selfIssued: Certificate;
beforeAll(async () => {
  const validity = { notBefore: 0, notAfter: 1000 };
  const root = await createCertificateAuthority({ commonName: 'root', ...validity });
  selfIssued = unwrap(parseCertificate((await createSelfSignedCertificate({ names: ['a.example'], ...validity })).certificateDer));
  issued = unwrap(parseCertificate((await createCertificateAuthority({ commonName: 'sub', issuer: root, ...validity })).certificateDer));
});

const demand = { policyConstraints: { requireExplicitPolicy: 0 } };
const under = (...policies: readonly string[]): Rules => ({ policies });
const maps = (...pairs: readonly (readonly [string, string])[]): Rules => ({
  policyMappings: pairs.map(([issuer, subject]) => ({ issuer, subject })),
});
const self = { self: true };

/** Certificates from the one below the anchor down, and whether their policies are in order. */
const cases: readonly (readonly [string, readonly (Rules & { readonly self?: boolean })[], boolean])[] = [
  ['§6.1.3', [{}, {}], true],
  ['§6.1.3', [under('1.1'), {}], true],
  ['§6.1.3', [under('1.1'), under('1.2')], true],
  ['§6.1.3', [{ ...under('1.1'), ...demand }, under('1.1')], true],
  ['§6.1.3', [{ ...under('1.1'), ...demand }, under('1.2')], false],
  ['§6.1.3', [{ ...under('1.1'), ...demand }, {}], false],
  ['§6.1.3', [demand, under('1.1')], false],
  ['§6.1.3', [{ ...under(any), ...demand }, under('1.2')], true],
  ['§6.1.3', [{ ...under('1.1'), ...demand }, under(any)], true],
  ['§6.1.3', [{ ...under('1.1'), ...demand, inhibitAnyPolicy: 0 }, under(any)], false],
  ['§6.1.3', [{ ...under('1.1'), ...demand, inhibitAnyPolicy: 1 }, under(any)], true],
  ['§6.1.3', [{ ...under('1.1'), ...demand, inhibitAnyPolicy: 1 }, under('1.1'), under(any)], false],
  ['§6.1.3', [{ ...under('1.1'), ...demand, inhibitAnyPolicy: 0 }, { ...under(any), ...self }, under('1.1')], true],
  ['§6.1.4', [{ policyConstraints: { requireExplicitPolicy: 1 } }, {}, {}], false],
  ['§6.1.4', [{ policyConstraints: { requireExplicitPolicy: 3 } }, {}, {}], true],
  ['§6.1.4', [{ policyConstraints: { requireExplicitPolicy: 2 } }, {}, {}], false],
  ['§6.1.4', [{ policyConstraints: { requireExplicitPolicy: 2 } }, {}], true],
  ['§6.1.4', [{ policyConstraints: { requireExplicitPolicy: 2 } }, self, {}], true],
  ['§6.1.4', [{ ...under('1.1'), ...demand, ...maps(['1.1', '2.1']) }, under('2.1')], true],
  ['§6.1.4', [{ ...under('1.1'), ...demand, ...maps(['1.1', '2.1']) }, under('1.1')], false],
  ['§6.1.4', [{ ...under('1.1'), ...demand, ...maps(['1.1', '2.1'], ['1.1', '2.2']) }, under('2.2')], true],
  ['§6.1.4', [{ ...under(any), ...demand, ...maps(['1.1', '2.1']) }, under('2.1')], true],
  [
    '§6.1.4',
    [
      { ...under('1.1', '1.2'), policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 0 } },
      { ...under('1.1'), ...maps(['1.1', '2.1']) },
      under('2.1'),
    ],
    false,
  ],
  [
    '§6.1.4',
    [
      { ...under('1.1', '1.2'), policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 0 } },
      { ...under('1.1', '1.2'), ...maps(['1.1', '2.1']) },
      under('1.2'),
    ],
    true,
  ],
  ['§6.1.4', [maps([any, '1.1']), {}], false],
  ['§6.1.4', [maps(['1.1', any]), {}], false],
  ['§6.1.5', [{}, demand], false],
  ['§6.1.5', [under('1.1'), { ...under('1.1'), ...demand }], true],
  ['§6.1.5', [{}, { policyConstraints: { requireExplicitPolicy: 1 } }], true],
];

describe('findPolicyFault', () => {
  it.each(cases.map(([section, path, good], index) => [section, index, path, good] as const))(
    'RFC 5280 %s: case %i',
    (_, __, path, good) => {
      const certificates = path.map(({ self: own = false, ...rules }) => ({ ...(own ? selfIssued : issued), ...rules }));
      expect(findPolicyFault(certificates.toReversed()) === undefined).toBe(good);
    },
  );

  it('thousands of policies and mappings take no longer than they must', () => {
    const many = Array.from({ length: 4000 }, (_, i) => `1.2.${i}`);
    const rules = { ...under(any, ...many), ...demand, ...maps(...many.map((one) => [one, `${one}.1`] as const)) };
    const path = Array.from({ length: 8 }, () => ({ ...issued, ...rules }));
    expect(findPolicyFault(path)).toBeUndefined();
  });
});

import { expect, it } from 'vitest';
import { describeConformance, readConformance } from '../../../tools/conformance.ts';
import { enforcePrecis, opaqueString, saslprep, usernameCaseMapped } from '../src/index.ts';

interface Vector {
  readonly source: string;
  readonly profile: 'SASLprep' | 'UsernameCaseMapped' | 'OpaqueString';
  readonly input: string;
  readonly output?: string;
  readonly error?: boolean;
}

const prepare = {
  SASLprep: (text: string) => saslprep(text),
  UsernameCaseMapped: (text: string) => enforcePrecis(usernameCaseMapped, text),
  OpaqueString: (text: string) => enforcePrecis(opaqueString, text),
} as const;

describeConformance('sasl', 'preparation of strings', () => {
  const { preparation }: { preparation: readonly Vector[] } = JSON.parse(new TextDecoder().decode(readConformance('sasl', 'vectors.json')));
  for (const { source, profile, input, output } of preparation) {
    it(`${source.replace(' section ', ' §')}: ${profile} of ${JSON.stringify(input)}`, () => {
      const result = prepare[profile](input);
      expect(result.ok ? result.value : undefined).toBe(output);
    });
  }
});

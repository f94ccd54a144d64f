/** What a zone proves not to be there. */
export type Absence =
  | {
      readonly proves: 'nxdomain' | 'nodata';
      /** Types that are there at the name, or at the wildcard that stands for it; undefined where the name has none or is not there. */
      readonly types?: ReadonlySet<string>;
      /** Whether a delegation without signatures may hide there (RFC 5155 §6). */
      readonly optOut: boolean;
      readonly detail: string;
    }
  | { readonly proves: 'nothing'; readonly detail: string };

import { ok, parseError, type Result } from '@mox/syntax';
import { findIdna2008Fault } from './idna2008.ts';
import { processName, type Uts46Options } from './uts46.ts';

/** A domain name, in both its forms, lower case, without a dot at its end. Plain data; compare with `equalDomains`. */
export interface Domain {
  /** A-labels and other ASCII labels: the form of DNS and of SMTP without SMTPUTF8 (RFC 5890 §2.3.2.1). */
  readonly ascii: string;
  /** U-labels: the form to show to people; the same as `ascii` where there are none. */
  readonly unicode: string;
}

/** What `parseDomain` lets through beyond host names. */
export interface DomainOptions {
  /** Labels with underscores, as `_dmarc`: names of DNS that no host has (RFC 8552). */
  readonly underscore?: boolean;
  /** A dot at the end, as in zone files; it is dropped. */
  readonly trailingDot?: boolean;
  /** The name is to be registered: its labels must be valid under IDNA2008 as they stand (RFC 5891 §4.2), beyond what UTS 46 asks. */
  readonly registration?: boolean;
}

/** Longest domain name, in A-labels, without a dot at the end (RFC 5321 §4.5.3.1.2, RFC 1035 §2.3.4). */
const domainLimit = 253;
const labelLimit = 63;
/** No valid name is longer in any form; what is longer is not looked at. */
const inputLimit = 2000;

/**
 * A name of LDH labels (RFC 5890 §2.3.1) alone, none of them an A-label, in lower case. Undefined where the slow way must look:
 * at other characters, at `xn--`, at what is wrong.
 */
function plainName(text: string, underscore: boolean): string | undefined {
  let labelStart = 0;
  let upper = false;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0x2e;
    if ((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39)) continue;
    if (code >= 0x41 && code <= 0x5a) upper = true;
    else if (code === 0x2e) {
      if (i === labelStart || i - labelStart > labelLimit || text.charCodeAt(i - 1) === 0x2d) return undefined;
      labelStart = i + 1;
    } else if (code === 0x2d) {
      if (i === labelStart || (i === labelStart + 3 && text.charCodeAt(i - 1) === 0x2d)) return undefined;
    } else if (code !== 0x5f || !underscore) return undefined;
  }
  if (text.length > domainLimit) return undefined;
  return upper ? text.toLowerCase() : text;
}

function findHyphenFault(ascii: string): boolean {
  return ascii.startsWith('-') || ascii.endsWith('-') || ascii.includes('.-') || ascii.includes('-.');
}

/**
 * Reads a domain name in A-labels, U-labels or any mix, in any case (RFC 5890 §2.3.2, mapped by UTS 46, nontransitional).
 * One label is enough. IP addresses are not told apart from names.
 */
export function parseDomain(text: string, options: DomainOptions = {}): Result<Domain> {
  const name = options.trailingDot && text.endsWith('.') ? text.slice(0, -1) : text;
  const underscore = options.underscore === true;
  const plain = plainName(name, underscore);
  if (plain !== undefined) return ok({ ascii: plain, unicode: plain });
  if (name.length > inputLimit) return parseError(inputLimit, 'a domain name that is too long');
  const processing: Uts46Options = { ...defaultProcessing, useStd3AsciiRules: !underscore };
  const processed = processName(name, processing);
  if (!processed.ok) return processed;
  const { ascii } = processed.value;
  if (underscore && /[^a-z0-9._-]/.test(ascii)) return parseError(0, 'a character that a domain name must not have');
  if (findHyphenFault(ascii)) return parseError(0, 'a label that starts or ends with a hyphen');
  return (options.registration ? findRegistrationFault(name) : undefined) ?? processed;
}

/** What keeps a name from being registered. Labels of nothing but ASCII may be in any case. */
function findRegistrationFault(name: string): Result<never> | undefined {
  let offset = 0;
  for (const label of name.split('.')) {
    const fault = findIdna2008Fault(/[^\0-\x7f]/.test(label) ? label : label.toLowerCase());
    if (fault !== undefined) return parseError(offset, fault);
    offset += label.length + 1;
  }
  return undefined;
}

const defaultProcessing: Uts46Options = { checkBidi: true, checkJoiners: true, verifyDnsLength: true };

/** Whether two domain names are the same. */
export function equalDomains(a: Domain, b: Domain): boolean {
  return a.ascii === b.ascii;
}

/** Writes a domain name: in A-labels, or in U-labels where `utf8` says that the reader takes them. */
export function formatDomain(domain: Domain, options: { readonly utf8?: boolean } = {}): string {
  return options.utf8 ? domain.unicode : domain.ascii;
}

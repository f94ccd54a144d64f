import { formatIp, parseIp, present } from '@mox/syntax';
import type {
  AggregateForm,
  AggregateRecord,
  AggregateReport,
  OverrideReason,
  OverrideType,
  ReportedDisposition,
  ReportedDkim,
  ReportedPolicy,
  ReportedSpf,
} from './aggregate-report.ts';
import type { ElementReader } from './element-reader.ts';
import type { XmlElement } from './element-stream.ts';
import type { DmarcPolicy } from './record.ts';

/** RFC 9990 §3.1.3: a report should have no more than 100 signatures for a row. */
const mostResults = 100;

const dispositions: readonly DmarcPolicy[] = ['none', 'quarantine', 'reject'];
const reportedDispositions: readonly ReportedDisposition[] = ['none', 'pass', 'quarantine', 'reject'];
const alignedResults = ['pass', 'fail'] as const;
const overrideTypes: ReadonlySet<string> = new Set<OverrideType>([
  ...(['local_policy', 'mailing_list', 'other', 'policy_test_mode', 'trusted_forwarder', 'forwarded', 'sampled_out'] as const),
]);
const dkimResults: ReadonlySet<string> = new Set(['none', 'pass', 'fail', 'policy', 'neutral', 'temperror', 'permerror']);
const spfResults: ReadonlySet<string> = new Set([...dkimResults, 'softfail']);
/** Words of old programs (RFC 7489 appendix C), and one that is seen often. */
const oldResults: ReadonlyMap<string, string> = new Map([
  ['hardfail', 'fail'],
  ['unknown', 'temperror'],
  ['error', 'permerror'],
]);

const names = /* @__NO_SIDE_EFFECTS__ */ (text: string): ReadonlySet<string> => new Set(text.split(' '));
const childrenOf = {
  report_metadata: names('org_name email extra_contact_info report_id date_range error generator'),
  date_range: names('begin end'),
  policy_published: names('domain discovery_method p sp np fo adkim aspf testing pct'),
  record: names('row identifiers identities auth_results'),
  row: names('source_ip count policy_evaluated'),
  policy_evaluated: names('disposition dkim spf reason'),
  identifiers: names('header_from envelope_from envelope_to'),
  auth_results: names('dkim spf'),
  dkim: names('domain selector result human_result'),
  spf: names('domain scope result human_result'),
} as const;

function notEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** A report but for the policy and the records. */
export type AggregateMetadata = Omit<AggregateReport, 'policy' | 'records'>;

/** Reads `report_metadata` (RFC 9990 §3.1.1.3). */
export function readMetadata(reader: ElementReader, element: XmlElement | undefined): AggregateMetadata {
  const path = 'report_metadata';
  reader.expect(element, path, childrenOf.report_metadata);
  const range = reader.require(element, 'date_range', path);
  reader.expect(range, `${path}.date_range`, childrenOf.date_range);
  const [start, end] = [reader.time(range, 'begin', `${path}.date_range`), reader.time(range, 'end', `${path}.date_range`)];
  if (end < start) reader.defect(`${path}.date_range`, 'ends before it begins');
  const errors = (element?.children ?? []).filter((child) => child.name === 'error').map((child) => child.text.trim());
  return {
    organizationName: reader.text(element, 'org_name', path),
    email: reader.text(element, 'email', path),
    reportId: reader.text(element, 'report_id', path),
    start,
    end,
    errors: errors.filter((error) => error !== ''),
    ...present({
      extraContactInfo: notEmpty(reader.optionalText(element, 'extra_contact_info', path)),
      generator: notEmpty(reader.optionalText(element, 'generator', path)),
    }),
  };
}

/** Reads `policy_published` (RFC 9990 §3.1.1.5). */
export function readPolicy(reader: ElementReader, element: XmlElement | undefined): ReportedPolicy {
  const path = 'policy_published';
  reader.expect(element, path, childrenOf.policy_published);
  const testing = reader.optionalWord(element, 'testing', path, ['y', 'n']);
  return {
    domain: reader.text(element, 'domain', path),
    p: reader.word(element, 'p', path, dispositions, 'none'),
    ...present({
      discoveryMethod: reader.optionalWord(element, 'discovery_method', path, ['psl', 'treewalk']),
      sp: reader.optionalWord(element, 'sp', path, dispositions),
      np: reader.optionalWord(element, 'np', path, dispositions),
      adkim: reader.optionalWord(element, 'adkim', path, ['r', 's']),
      aspf: reader.optionalWord(element, 'aspf', path, ['r', 's']),
      fo: notEmpty(reader.optionalText(element, 'fo', path)),
      testing: testing === undefined ? undefined : testing === 'y',
      pct: reader.find(element, 'pct', path) && reader.wholeNumber(element, 'pct', path),
    }),
  };
}

function readReason(reader: ElementReader, element: XmlElement, path: string): OverrideReason {
  const word = reader.text(element, 'type', path).toLowerCase();
  if (word !== '' && !overrideTypes.has(word)) reader.defect(`${path}.type`, `is ${JSON.stringify(word.slice(0, 40))}`);
  // Some write the comment into the reason itself.
  const comment = notEmpty(reader.optionalText(element, 'comment', path)) ?? notEmpty(element.text.trim());
  return { type: word === '' ? 'other' : word, ...present({ comment }) };
}

function readResult(reader: ElementReader, element: XmlElement, path: string, known: ReadonlySet<string>): string {
  const text = reader.text(element, 'result', path);
  if (known.has(text)) return text;
  const word = text.toLowerCase();
  if (text !== '') reader.defect(`${path}.result`, known.has(word) ? 'is not in lower case' : `is ${JSON.stringify(text.slice(0, 40))}`);
  return word === '' ? 'none' : (oldResults.get(word) ?? word);
}

function readDkim(reader: ElementReader, element: XmlElement, path: string, form: AggregateForm): ReportedDkim {
  reader.expect(element, path, childrenOf.dkim);
  const selector = notEmpty(reader.optionalText(element, 'selector', path));
  // RFC 9990 §3.1.1.12: the selector is required; RFC 7489 appendix C left it to the reporter.
  if (selector === undefined && form === 'rfc9990') reader.defect(`${path}.selector`, 'is missing');
  return {
    domain: reader.text(element, 'domain', path),
    result: readResult(reader, element, path, dkimResults),
    ...present({ selector, humanResult: notEmpty(reader.optionalText(element, 'human_result', path)) }),
  };
}

function readSpf(reader: ElementReader, element: XmlElement, path: string): ReportedSpf {
  reader.expect(element, path, childrenOf.spf);
  return {
    domain: reader.text(element, 'domain', path),
    result: readResult(reader, element, path, spfResults),
    ...present({
      scope: reader.optionalWord(element, 'scope', path, ['mfrom', 'helo']),
      humanResult: notEmpty(reader.optionalText(element, 'human_result', path)),
    }),
  };
}

/** The children of a name, up to a number, read one by one. Those without anything in them are passed over. */
function readEach<T>(
  reader: ElementReader,
  parent: XmlElement | undefined,
  name: string,
  path: string,
  read: (child: XmlElement, path: string) => T,
): T[] {
  const found: T[] = [];
  for (const child of parent?.children ?? []) {
    if (child.name !== name) continue;
    const own = `${path}.${name}[${found.length}]`;
    if (found.length >= mostResults) {
      reader.defect(own, `and further ones are too many: ${mostResults} are read`);
      break;
    }
    if (child.children.length === 0 && child.text.trim() === '') reader.defect(own, 'is empty');
    else found.push(read(child, own));
  }
  return found;
}

/** An address in the one form that addresses are compared in (RFC 5952 §4); what is none as it stands. */
function readIp(reader: ElementReader, row: XmlElement | undefined, path: string): string {
  const text = reader.text(row, 'source_ip', path);
  const address = parseIp(text);
  if (address) return formatIp(address);
  const bare = parseIp(text.replace(/^\[(?:IPv6:)?|\]$/gi, ''));
  if (text !== '') reader.defect(`${path}.source_ip`, bare ? 'is in brackets' : 'is not an IP address');
  return bare ? formatIp(bare) : text;
}

function readRow(
  reader: ElementReader,
  row: XmlElement | undefined,
  path: string,
): Pick<AggregateRecord, 'sourceIp' | 'count' | 'disposition' | 'dkim' | 'spf' | 'reasons'> {
  reader.expect(row, path, childrenOf.row);
  const evaluated = reader.require(row, 'policy_evaluated', path);
  const inside = `${path}.policy_evaluated`;
  reader.expect(evaluated, inside, childrenOf.policy_evaluated);
  return {
    sourceIp: readIp(reader, row, path),
    count: reader.wholeNumber(row, 'count', path) ?? 0,
    disposition: reader.word(evaluated, 'disposition', inside, reportedDispositions, 'none'),
    dkim: reader.word(evaluated, 'dkim', inside, alignedResults, 'fail'),
    spf: reader.word(evaluated, 'spf', inside, alignedResults, 'fail'),
    reasons: readEach(reader, evaluated, 'reason', inside, (child, own) => readReason(reader, child, own)),
  };
}

/** Reads a `record` (RFC 9990 §3.1.1.7). */
export function readRecord(reader: ElementReader, element: XmlElement, index: number, form: AggregateForm): AggregateRecord {
  const path = `record[${index}]`;
  // What an extension adds stands in its own namespace, and was passed over before (RFC 9990 §5).
  reader.expect(element, path, childrenOf.record);
  const results = reader.require(element, 'auth_results', path);
  const inside = `${path}.auth_results`;
  reader.expect(results, inside, childrenOf.auth_results);
  // Drafts of long ago had "identities".
  const identifiers = reader.find(element, 'identities', path) ?? reader.require(element, 'identifiers', path);
  const about = `${path}.identifiers`;
  reader.expect(identifiers, about, childrenOf.identifiers);
  return {
    ...readRow(reader, reader.require(element, 'row', path), `${path}.row`),
    headerFrom: reader.text(identifiers, 'header_from', about),
    dkimResults: readEach(reader, results, 'dkim', inside, (child, own) => readDkim(reader, child, own, form)),
    spfResults: readEach(reader, results, 'spf', inside, (child, own) => readSpf(reader, child, own)),
    ...present({
      envelopeFrom: reader.optionalText(identifiers, 'envelope_from', about),
      envelopeTo: notEmpty(reader.optionalText(identifiers, 'envelope_to', about)),
    }),
  };
}

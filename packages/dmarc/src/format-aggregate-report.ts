import {
  type AggregateForm,
  type AggregateRecord,
  type AggregateReport,
  aggregateNamespace,
  type OverrideReason,
  type ReportedPolicy,
  type ReportedSpf,
} from './aggregate-report.ts';
import { writeXml, type XmlNode } from './xml-writer.ts';

function seconds(milliseconds: number): string {
  return String(Math.floor(milliseconds / 1000));
}

function metadataNode(report: AggregateReport, form: AggregateForm): XmlNode {
  const modern = form === 'rfc9990';
  // RFC 9990 appendix A has room for one element "error", RFC 7489 appendix C for any number.
  const errors = modern && report.errors.length > 1 ? [report.errors.join('; ')] : report.errors;
  return [
    'report_metadata',
    [
      ['org_name', report.organizationName],
      ['email', report.email],
      ['extra_contact_info', report.extraContactInfo],
      ['report_id', report.reportId],
      [
        'date_range',
        [
          ['begin', seconds(report.start)],
          ['end', seconds(report.end)],
        ],
      ],
      ...errors.map((error): XmlNode => ['error', error]),
      ['generator', modern ? report.generator : undefined],
    ],
  ];
}

function testingWord(testing: boolean | undefined): string | undefined {
  return testing === undefined ? undefined : testing ? 'y' : 'n';
}

/** RFC 9990 §3.1.1.5, in the order of its table. */
function modernPolicy(policy: ReportedPolicy): readonly XmlNode[] {
  return [
    ['domain', policy.domain],
    ['discovery_method', policy.discoveryMethod],
    ['p', policy.p],
    ['sp', policy.sp],
    ['np', policy.np],
    ['fo', policy.fo],
    ['adkim', policy.adkim],
    ['aspf', policy.aspf],
    ['testing', testingWord(policy.testing)],
  ];
}

/** RFC 7489 appendix C, where `sp`, `pct` and `fo` must be there, as `envelope_from` must in records. */
function oldPolicy(policy: ReportedPolicy): readonly XmlNode[] {
  return [
    ['domain', policy.domain],
    ['adkim', policy.adkim],
    ['aspf', policy.aspf],
    ['p', policy.p],
    ['sp', policy.sp ?? policy.p],
    ['pct', String(policy.pct ?? 100)],
    ['fo', policy.fo ?? '0'],
  ];
}

const commonTypes = ['local_policy', 'mailing_list', 'other', 'trusted_forwarder'];
const typesOf: Readonly<Record<AggregateForm, ReadonlySet<string>>> = {
  rfc9990: /* @__PURE__ */ new Set(/* @__PURE__ */ commonTypes.concat('policy_test_mode')),
  rfc7489: /* @__PURE__ */ new Set(/* @__PURE__ */ commonTypes.concat('forwarded', 'sampled_out')),
};
const commonResults = ['none', 'pass', 'fail', 'neutral', 'temperror', 'permerror'];
const dkimResults: ReadonlySet<string> = /* @__PURE__ */ new Set(/* @__PURE__ */ commonResults.concat('policy'));
const spfResultsOf: Readonly<Record<AggregateForm, ReadonlySet<string>>> = {
  rfc9990: /* @__PURE__ */ new Set(/* @__PURE__ */ commonResults.concat('policy', 'softfail')),
  rfc7489: /* @__PURE__ */ new Set(/* @__PURE__ */ commonResults.concat('softfail')),
};

/** A result that the schema does not have is told to people: to programs it is an error, for that is what such words mean. */
function resultNodes(result: string, humanResult: string | undefined, known: ReadonlySet<string>): readonly XmlNode[] {
  if (known.has(result))
    return [
      ['result', result],
      ['human_result', humanResult],
    ];
  return [
    ['result', 'permerror'],
    ['human_result', [result, humanResult].filter(Boolean).join(': ')],
  ];
}

function reasonNode(reason: OverrideReason, form: AggregateForm): XmlNode {
  const known = typesOf[form].has(reason.type);
  const other = known ? undefined : form === 'rfc9990' && reason.type === 'forwarded' ? 'trusted_forwarder' : 'other';
  const comment = other === undefined ? reason.comment : [reason.type, reason.comment].filter(Boolean).join(': ');
  return [
    'reason',
    [
      ['type', other ?? reason.type],
      ['comment', comment],
    ],
  ];
}

/** RFC 9990 §3.1.1.13 has one result of SPF, of the MAIL FROM identity; RFC 7489 appendix C at least one, with its scope. */
function spfNodes(record: AggregateRecord, form: AggregateForm): readonly XmlNode[] {
  const results: readonly ReportedSpf[] =
    form === 'rfc9990'
      ? record.spfResults.filter((result) => result.scope !== 'helo').slice(0, 1)
      : record.spfResults.length > 0
        ? record.spfResults
        : [{ domain: record.envelopeFrom ?? record.headerFrom, result: 'none' }];
  return results.map((result) => [
    'spf',
    [
      ['domain', result.domain],
      ['scope', form === 'rfc9990' ? result.scope : (result.scope ?? 'mfrom')],
      ...resultNodes(result.result, result.humanResult, spfResultsOf[form]).slice(0, form === 'rfc9990' ? 2 : 1),
    ],
  ]);
}

function recordNode(record: AggregateRecord, form: AggregateForm): XmlNode {
  const modern = form === 'rfc9990';
  const evaluated: readonly XmlNode[] = [
    ['disposition', !modern && record.disposition === 'pass' ? 'none' : record.disposition],
    ['dkim', record.dkim],
    ['spf', record.spf],
    ...record.reasons.map((reason) => reasonNode(reason, form)),
  ];
  const dkim = record.dkimResults.map((result): XmlNode => {
    // RFC 9990 §3.1.1.12: the selector must be there.
    const selector = modern ? (result.selector ?? '') : result.selector;
    return ['dkim', [['domain', result.domain], ['selector', selector], ...resultNodes(result.result, result.humanResult, dkimResults)]];
  });
  return [
    'record',
    [
      [
        'row',
        [
          ['source_ip', record.sourceIp],
          ['count', String(record.count)],
          ['policy_evaluated', evaluated],
        ],
      ],
      [
        'identifiers',
        [
          ['header_from', record.headerFrom],
          ['envelope_from', record.envelopeFrom ?? (modern ? undefined : '')],
          ['envelope_to', record.envelopeTo],
        ],
      ],
      ['auth_results', [...dkim, ...spfNodes(record, form)]],
    ],
  ];
}

/**
 * Writes an aggregate report as XML, its elements in the order of the schema (RFC 9990 appendix A), or in the form of RFC 7489
 * appendix C for those who read nothing newer. What the form has no place for is left out, and a report without records is written
 * though the schema wants one.
 */
export function formatAggregateReport(report: AggregateReport, form: AggregateForm = 'rfc9990'): string {
  const modern = form === 'rfc9990';
  const nodes: readonly XmlNode[] = [
    ['version', '1.0'],
    metadataNode(report, form),
    ['policy_published', modern ? modernPolicy(report.policy) : oldPolicy(report.policy)],
    ...report.records.map((record) => recordNode(record, form)),
  ];
  const namespace = modern ? ` xmlns="${aggregateNamespace}"` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feedback${namespace}>\n${writeXml(nodes, '  ')}</feedback>\n`;
}

import type { AggregateRecord, AggregateReport } from './aggregate-report.ts';

/** All of a record but the count, as text: the same for records that are alike. */
function recordKey(record: AggregateRecord): string {
  const { sourceIp, disposition, dkim, spf, headerFrom, envelopeFrom = null, envelopeTo = null } = record;
  return JSON.stringify([
    [sourceIp, disposition, dkim, spf, headerFrom, envelopeFrom, envelopeTo],
    record.reasons.map((reason) => [reason.type, reason.comment]),
    record.dkimResults.map((result) => [result.domain, result.selector, result.result, result.humanResult]),
    record.spfResults.map((result) => [result.domain, result.scope, result.result, result.humanResult]),
  ]);
}

/** Adds up records: those alike in all but the count become one (RFC 9990 §3.1.1.7). The order is that of first occurrence. */
export function mergeAggregateRecords(records: Iterable<AggregateRecord>): readonly AggregateRecord[] {
  const merged = new Map<string, AggregateRecord>();
  for (const record of records) {
    const key = recordKey(record);
    const same = merged.get(key);
    merged.set(key, same ? { ...same, count: same.count + record.count } : record);
  }
  return [...merged.values()];
}

function reportKey(report: AggregateReport): string {
  const { domain, discoveryMethod, p, sp, np, adkim, aspf, fo, testing, pct } = report.policy;
  return JSON.stringify([report.organizationName, report.email, domain, discoveryMethod, p, sp, np, adkim, aspf, fo, testing, pct]);
}

/**
 * Merges reports: those of one reporter about one policy become one, over the time of all (RFC 9990 §3.1: a report is about one policy
 * domain and one configuration). Of the same report twice, by its identifier, one counts (RFC 9990 §3.5.4). The identifier is that of the first.
 */
export function mergeAggregateReports(reports: readonly AggregateReport[]): readonly AggregateReport[] {
  const groups = new Map<string, AggregateReport[]>();
  for (const report of reports) {
    const key = reportKey(report);
    const group = groups.get(key);
    if (!group) groups.set(key, [report]);
    else if (report.reportId === '' || !group.some((one) => one.reportId === report.reportId)) group.push(report);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    return [
      {
        ...first,
        start: Math.min(...group.map((report) => report.start)),
        end: Math.max(...group.map((report) => report.end)),
        errors: [...new Set(group.flatMap((report) => report.errors))],
        records: mergeAggregateRecords(group.flatMap((report) => report.records)),
      },
    ];
  });
}

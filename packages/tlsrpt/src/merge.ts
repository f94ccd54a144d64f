import type { TlsFailure, TlsPolicyResult, TlsReportPolicy } from './report.ts';

function policyKey(policy: TlsReportPolicy): string {
  return JSON.stringify([policy.type, policy.domain, policy.policy, policy.mxHosts]);
}

function failureKey(failure: TlsFailure): string {
  const { failedSessions: _count, ...rest } = failure;
  return JSON.stringify(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function mergeFailures(failures: readonly TlsFailure[]): readonly TlsFailure[] {
  const merged = new Map<string, TlsFailure>();
  for (const failure of failures) {
    const key = failureKey(failure);
    const same = merged.get(key);
    merged.set(key, same ? { ...same, failedSessions: same.failedSessions + failure.failedSessions } : failure);
  }
  return [...merged.values()];
}

/** Adds up results: those of one policy become one, their failures of one kind too. The order is that of first occurrence. */
export function mergeTlsResults(results: readonly TlsPolicyResult[]): readonly TlsPolicyResult[] {
  const groups = new Map<string, TlsPolicyResult[]>();
  for (const result of results) {
    const key = policyKey(result.policy);
    const group = groups.get(key);
    if (group) group.push(result);
    else groups.set(key, [result]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    return [
      {
        policy: first.policy,
        successfulSessions: group.reduce((sum, result) => sum + result.successfulSessions, 0),
        failedSessions: group.reduce((sum, result) => sum + result.failedSessions, 0),
        failures: mergeFailures(group.flatMap((result) => result.failures)),
      },
    ];
  });
}

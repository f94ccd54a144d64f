// Prints "passed failed" out of vitest's JSON report, and on standard error what failed and what was skipped.
// `node tools/ci-summary.mjs report.json exit-status`. Runs on any Node from 20 on.
import { readFileSync } from 'node:fs';

const [file = '', status] = process.argv.slice(2);
const report = JSON.parse(readFileSync(file, 'utf8'));
const tests = report.testResults.flatMap((suite) => suite.assertionResults.map((test) => ({ ...test, file: suite.name })));
const brokenFiles = report.testResults.filter(
  (suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'),
);
const byStatus = (wanted) => tests.filter((test) => test.status === wanted);
const failed = [
  ...byStatus('failed').map((test) => `${test.file}: ${test.fullName}`),
  ...brokenFiles.map((suite) => `${suite.name}: ${suite.message}`),
];
// An error outside of every test: the run failed although no test did.
if (failed.length === 0 && status !== '0') failed.push(`vitest ended with status ${status}`);
for (const line of failed) console.error(`failed: ${line.split('\n')[0]}`);
for (const test of [...byStatus('skipped'), ...byStatus('pending'), ...byStatus('todo')])
  console.error(`skipped: ${test.file}: ${test.fullName}`);
console.log(`${byStatus('passed').length} ${failed.length}`);

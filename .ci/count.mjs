// Sums the Vitest reports of a folder into one line. A run that failed without a failed test, as by
// an unhandled rejection, counts as one failure.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));

let passed = 0;
let failed = 0;
for (const report of reports) {
  // A file that could not be loaded holds no test to count.
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const failures = report.numFailedTests + unloaded.length;
  passed += report.numPassedTests;
  failed += failures > 0 || report.success ? failures : 1;
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

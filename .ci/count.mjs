// Sums the Vitest reports of a folder into one line. A run that failed without failing a test (a file that does not
// even load, an unhandled rejection) fails here too.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));

let passed = 0;
let failed = 0;
for (const report of reports) {
  passed += report.numPassedTests;
  // A file that could not be loaded holds no test to count: it counts as one.
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  failed += report.numFailedTests + unloaded.length;
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

// `npm run fuzz:server -- [--requests N] [--seed N] [--json]`
import { parseArgs } from 'node:util';
import { fuzz, type Report } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [requests, seed] = [Number(values.requests), Number(values.seed)];
if (!Number.isSafeInteger(requests) || requests < 1 || !Number.isSafeInteger(seed)) {
  console.error('npm run fuzz:server -- [--requests N] [--seed N] [--json]');
  process.exit(2);
}

const report = await fuzz(requests, seed);
if (values.json) console.log(JSON.stringify(report, null, 2));
else print(report);
process.exitCode = report.faults.length === 0 ? 0 : 1;

function print({ warm, end, answers, faults, seconds }: Report): void {
  console.log(`${requests} requests of seed ${seed} in ${seconds.toFixed(0)} s`);
  for (const [answer, count] of Object.entries(answers)) console.log(`${String(count).padStart(8)}  ${answer}`);
  const megabytes = (bytes = 0) => (bytes / 1e6).toFixed(1);
  console.log(
    `memory     ${megabytes(warm?.memoryBytes)} MB after a fifth, ${megabytes(end?.memoryBytes)} MB at the end`,
  );
  console.log(`resident   ${megabytes(warm?.rssBytes)} MB after a fifth, ${megabytes(end?.rssBytes)} MB at the end`);
  console.log(`open files ${warm?.openFiles ?? '?'} after a fifth, ${end?.openFiles ?? '?'} at the end`);
  console.log(`kept       ${warm?.kept ?? '?'} sessions and batches after a fifth, ${end?.kept ?? '?'} at the end`);
  for (const fault of faults.slice(0, 20)) console.log(`FAULT ${fault}`);
  console.log(faults.length === 0 ? 'no fault' : `${faults.length} faults`);
}

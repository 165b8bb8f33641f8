// Runs faults against the whole product: `npm run soak -- --uploads 200 --seed 1`
import { parseArgs } from 'node:util';
import { FAULTS } from './fault-plan.ts';
import { formatReport, isClean } from './report.ts';
import { runSoak } from './soak.ts';

const { values } = parseArgs({
  options: {
    uploads: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    level: { type: 'string', default: 'extended' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [uploads, seed] = [Number(values.uploads), Number(values.seed)];
const level = values.level === 'basic' ? 'basic' : 'extended';
const only = values.only?.split(',') ?? null;
const unknown = only?.filter((name) => FAULTS.every((fault) => fault.name !== name)) ?? [];
if (!(uploads >= 2) || !Number.isSafeInteger(seed) || unknown.length > 0) {
  if (unknown.length > 0) console.error(`Unknown faults: ${unknown.join(', ')}`);
  console.error('npm run soak -- [--uploads N] [--seed N] [--level extended|basic] [--only FAULT,...] [--json]');
  console.error(`Faults:\n${FAULTS.map(({ name }) => `  ${name}`).join('\n')}`);
  process.exit(2);
}

// An exit handler unmounts and removes what was created.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const report = await runSoak({ uploads, seed, level, only, onProgress: (line) => console.error(line) });
console.log(values.json ? JSON.stringify(report, null, 2) : formatReport(report));
process.exit(isClean(report) ? 0 : 1);

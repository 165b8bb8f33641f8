// Compares the app with other clients over simulated links: `npm run bench [-- --scenario NAME]
// [--only ENTRY] [--runs N] [--json]`
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { formatTable, type Result, type Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true },
    only: { type: 'string', default: '' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});

const { scenario: wanted = scenarios.map(({ name }) => name) } = values;
const unknown = wanted.find((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown !== undefined || !(Number(values.runs) >= 1)) {
  console.error('npm run bench -- [--scenario NAME]... [--only ENTRY] [--runs N] [--json]');
  for (const { name, about } of scenarios) console.error(`  ${name.padEnd(14)} ${about}`);
  process.exit(2);
}

// Only JSON goes to stdout.
const say = values.json ? console.error : console.log;
// Load of the last five minutes, because other work on the machine affects the results.
const [, load] = loadavg();
const results: (Pick<Scenario, 'name' | 'about'> & Result)[] = [];
for (const scenario of scenarios.filter(({ name }) => wanted.includes(name))) {
  const { name, about } = scenario;
  console.error(`== ${name}: ${about}`);
  const options = { runs: Number(values.runs), only: values.only, onProgress: (line: string) => console.error(line) };
  const result = await scenario.run(options);
  results.push({ name, about, ...result });
  say([`== ${name}: ${about}`, ...result.tables.map(formatTable), ''].join('\n'));
}
if (values.json) {
  const machine = {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    node: process.version,
    platform: process.platform,
    load,
  };
  const scenarioResults = results.map(({ tables: _, ...rest }) => rest);
  console.log(JSON.stringify({ measured: readCommit(), machine, scenarios: scenarioResults }, null, 2));
}

/** The version that was measured, for the tables of the documents. */
function readCommit(): { commit: string; date: string } {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  return { commit, date: new Date().toISOString().slice(0, 10) };
}

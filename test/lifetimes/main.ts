// Measures how long uploads continue without a tab: `npm run lifetimes [-- --minutes 20] [--json]
// [--scenario NAME]`
import { parseArgs } from 'node:util';
import { formatReport } from './report.ts';
import { runScenario, SCENARIOS } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    scenario: { type: 'string', multiple: true, default: SCENARIOS },
  },
});

const minutes = Number(values.minutes);
// Each scenario has its own profile and link, so all together take as long as the longest.
const plays = values.scenario.map(async (name) => {
  try {
    const report = await runScenario(name, minutes);
    console.log(values.json ? JSON.stringify(report) : formatReport(report));
    return true;
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    return false;
  }
});
const wentWell = await Promise.all(plays);
process.exit(wentWell.every(Boolean) ? 0 : 1);

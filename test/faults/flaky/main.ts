// Cuts a real network connection again and again: `npm run flaky [-- --cuts 20] [--seed 1]
// [--background-fetch] [--json]`
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { runBackgroundFetchCuts, runCuts } from './cuts.ts';
import { Namespaces } from './namespaces.ts';
import { formatReport } from './report.ts';

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    // Sent by a Background Fetch, with every tab closed.
    'background-fetch': { type: 'boolean', default: false },
    // Passed by the first process to the second, which runs in the namespace of the server.
    inside: { type: 'string' },
  },
});

if (values.inside === undefined) process.exit(await runInNamespaces());
const act = values['background-fetch'] ? runBackgroundFetchCuts : runCuts;
const report = await act(new Namespaces(values.inside), Number(values.cuts), Number(values.seed));
console.log(values.json ? JSON.stringify(report) : formatReport(report));
process.exit(report.isIntact ? 0 : 1);

async function runInNamespaces(): Promise<number> {
  if (process.getuid?.() !== 0) {
    console.error(
      'npm run flaky needs root: it makes two network namespaces and takes the link between them down and up.',
    );
    return 2;
  }
  const name = `flaky-${process.pid}`;
  const namespaces = new Namespaces(name);
  try {
    await namespaces.create();
    const [command = '', ...rest] = [...Namespaces.wrapper(namespaces.server), process.execPath, ...process.execArgv];
    const args = [...rest, import.meta.filename, ...process.argv.slice(2), '--inside', name];
    const [code] = await once(spawn(command, args, { stdio: 'inherit' }), 'exit');
    return code ?? 1;
  } finally {
    await namespaces.remove();
  }
}

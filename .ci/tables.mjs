// Writes the measurement tables of Markdown documents from test/bench/results: `npm run tables`.
// With `--check` it changes nothing and reports the tables that are out of date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const RESULTS = 'test/bench/results';
const SKIPPED = new Set(['node_modules', 'dist', 'dist-server', 'data', '.git']);
const MARKED = /(<!-- table:([\w-]+) -->\n)[\s\S]*?(<!-- \/table -->)/g;

const isCheck = process.argv.includes('--check');
for (const file of findDocuments('')) update(file);

function findDocuments(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : findDocuments(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

function update(file) {
  const before = readFileSync(join(ROOT, file), 'utf8');
  const after = before.replace(MARKED, (_, start, name, end) => `${start}\n${render(name)}\n\n${end}`);
  if (after === before) return;
  if (!isCheck) return writeFileSync(join(ROOT, file), after);
  console.error(`${file}: A measurement table is out of date. Run \`npm run tables\`.`);
  process.exitCode = 1;
}

/** A table and a line that says where the figures come from. */
function render(name) {
  const result = JSON.parse(readFileSync(join(ROOT, RESULTS, `${name}.json`), 'utf8'));
  const { head, rows } = result.table ?? createRaceTable(result.scenarios[0].figures.rows);
  const rules = head.map((_, i) => (i > 0 && rows.every((row) => /^[\d.,]*$/.test(row[i] ?? '')) ? '---:' : '---'));
  const lines = [head, rules, ...rows].map((row) => `| ${row.map((cell) => cell ?? '').join(' | ')} |`);
  return [...lines, '', describe(result, name)].join('\n');
}

function describe({ measured: { commit, date }, machine: { cores, cpu, node, load }, notes = [] }, name) {
  const machine = [`${cores} cores (${cpu})`, node && `Node ${node}`, load && `load ${load}`]
    .filter(Boolean)
    .join(', ');
  return [...notes, `Commit ${commit}, ${date}, ${machine}; \`${RESULTS}/${name}.json\`.`].join(' ');
}

/** A race as the bench writes it with `--json`, fastest first, clients that never finished last. */
function createRaceTable(entries) {
  const hasSent = entries.some(({ sent }) => sent);
  const columns = [
    ['client', ({ name }) => name],
    ['median s', ({ seconds, failure }) => seconds?.toFixed(2) ?? failure],
    ['x ideal', ({ timesIdeal }) => timesIdeal?.toFixed(2)],
    ...(hasSent ? [['bytes sent', ({ sent }) => sent?.toFixed(2)]] : []),
    ['over serial', ({ overSerial }) => overSerial?.toFixed(2)],
    ['first byte ms', ({ firstByteMs }) => firstByteMs?.toFixed(0)],
    ['memory MiB', ({ memoryMib }) => memoryMib?.toFixed(0)],
    ['CPU s', ({ cpuSeconds }) => cpuSeconds?.toFixed(1)],
  ];
  const secondsOf = ({ seconds }) => seconds ?? Number.POSITIVE_INFINITY;
  const sorted = [...entries].sort((a, b) => secondsOf(a) - secondsOf(b));
  return { head: columns.map(([head]) => head), rows: sorted.map((entry) => columns.map(([, get]) => get(entry))) };
}

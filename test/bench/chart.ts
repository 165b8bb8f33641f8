// Draws the results of races as bars: `tsx test/bench/chart.ts FILE.json... > chart.svg`, with
// files that `--json` wrote.
import { readFileSync } from 'node:fs';
import type { Bounds, Summary } from './race/race-scenario.ts';

interface RaceResult {
  readonly name: string;
  readonly about: string;
  readonly figures: { readonly bounds: Bounds | null; readonly rows: readonly Summary[] };
}

const WIDTH = 760;
const LABEL = 190;
const BAR = 16;
const ROW = 22;
const HEAD = 46;
/** The end of the scale. A longer bar is cut, its number is not. */
const MOST = 5;

const races = process.argv.slice(2).flatMap((path) => parseRaces(readFileSync(path, 'utf8')));
let y = 0;
const panels = races.map((race) => {
  const panel = drawPanel(race, y);
  y += HEAD + race.figures.rows.length * ROW + 14;
  return panel;
});

console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img"
  aria-label="Time to send, as a multiple of the ideal" font-family="system-ui, sans-serif" font-size="13">
<rect width="${WIDTH}" height="${y}" fill="#fff"/>
${panels.join('\n')}
</svg>`);

/** Only races over a link have an ideal time. */
function parseRaces(json: string): RaceResult[] {
  const { scenarios }: { scenarios: RaceResult[] } = JSON.parse(json);
  return scenarios.filter(({ figures }) => figures.bounds);
}

function drawPanel({ about, figures: { bounds, rows } }: RaceResult, top: number): string {
  const title = `<text x="8" y="${top + 20}" font-weight="600" fill="#1b1f24">${escapeXml(about)}</text>`;
  const scale = `<text x="8" y="${top + 37}" fill="#57606a">median time as a multiple of the ideal, ${bounds?.ideal.toFixed(2)} s</text>`;
  const fastest = rows.filter(({ seconds }) => seconds !== null).sort((a, b) => Number(a.seconds) - Number(b.seconds));
  return [title, scale, ...fastest.map((row, i) => drawBar(row, top + HEAD + i * ROW))].join('\n');
}

function drawBar({ name, timesIdeal }: Summary, top: number): string {
  const times = timesIdeal ?? 0;
  const width = Math.round((Math.min(times, MOST) / MOST) * (WIDTH - LABEL - 60));
  const fill = name.startsWith('app') ? '#1f5fbf' : '#afb8c1';
  return [
    `<text x="${LABEL - 8}" y="${top + 13}" text-anchor="end" fill="#1b1f24">${escapeXml(name)}</text>`,
    `<rect x="${LABEL}" y="${top}" width="${width}" height="${BAR}" rx="2" fill="${fill}"/>`,
    `<text x="${LABEL + width + 6}" y="${top + 13}" fill="#1b1f24">${times.toFixed(2)}</text>`,
  ].join('');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

import { expect, it } from 'vitest';
import { formatReport, isClean } from './soak/report.ts';
import { runSoak } from './soak/soak.ts';

it('a mixed queue arrives once and intact, whatever fails (`npm run soak` does more)', {
  timeout: 300_000,
}, async () => {
  // Told on the way, for a run that does not end within the time.
  const report = await runSoak({ uploads: 12, seed: 1, level: 'exact', only: null, onProgress: console.log });
  expect(isClean(report), formatReport(report)).toBe(true);
  expect(report.verdict.arrived).toHaveLength(12);
});

import { expect, it } from 'vitest';
import { formatReport, isClean } from './soak/report.ts';
import { runSoak } from './soak/soak.ts';

it('uploads a mixed queue once and intact despite every kind of fault', {
  // After a full disk the server asks clients to wait for 5 minutes.
  timeout: 900_000,
}, async () => {
  // Logs the progress, for a run that exceeds the time limit.
  const report = await runSoak({ uploads: 12, seed: 1, level: 'extended', only: null, onProgress: console.log });
  expect(isClean(report), formatReport(report)).toBe(true);
  expect(report.verdict.arrived).toHaveLength(12);
});

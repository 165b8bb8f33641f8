import { hasEqualJson } from '../../src/shared/equal-json.ts';
import type { Upload } from '../../src/shared/upload.ts';
import type { Flight, FlightResult } from '../send/jobs.ts';

/** Whether a response changed the record for pages; receipts reach them as progress. */
export function isNews(before: Upload, after: Upload): boolean {
  // By value, because every read from the database creates another object.
  const hasSameSession = hasEqualJson(before.session, after.session);
  // Pages show the chunks of the plan.
  const hasSamePlan = hasEqualJson(before.plan, after.plan);
  return !hasSameSession || !hasSamePlan || after.failures !== before.failures;
}

/** Whether a request changed the record of its upload; an aborted chunk never does. */
export function mayHaveWritten({ job }: Flight, result: FlightResult): boolean {
  return result === 'acknowledged' || job.kind !== 'send';
}

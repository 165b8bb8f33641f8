import type { PlanLimits } from '../ports/plan-limits.ts';
import type { SendJob } from '../send/jobs.ts';
import type { Pipeline } from '../send/pipeline.ts';
import { findBetterPlan, findSmallestPlan } from '../send/planner.ts';

/** The first of equal chunks shows in this time that all of them suit the connection. */
const FIRST_EQUAL_CHUNK_MS = 3000;

/**
 * Restarts uploads whose first chunk takes too long. A server with equal chunks needs a new session
 * for smaller ones, so the first one decides.
 *
 * @param now in ticks.
 */
export function restartSlowUploads(pipelines: readonly Pipeline[], limits: PlanLimits, now: number): void {
  if (!limits.equalChunks) return;
  for (const pipeline of pipelines) {
    const first = pipeline.acknowledgedCount === 0 ? pipeline.flights.get(0) : undefined;
    if (!first || now - first.startedAt < FIRST_EQUAL_CHUNK_MS) continue;
    const plan = findSmallestPlan(pipeline.upload);
    if (plan) pipeline.stop({ kind: 'restart', plan, sessionLost: false });
  }
}

/** @returns false if no plan has smaller chunks than the one of this job. */
export function restartWithSmallerChunks(pipeline: Pipeline, job: SendJob, limits: PlanLimits): boolean {
  const { upload, acknowledgedBytes } = pipeline;
  const plan = upload.plan && findBetterPlan(upload, upload.plan, acknowledgedBytes, limits);
  if (!plan || plan.chunkBytes >= job.sizeBytes) return false;
  pipeline.stop({ kind: 'restart', plan, sessionLost: false });
  return true;
}

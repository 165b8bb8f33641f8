import type { Plan } from '../../src/shared/chunks.ts';
import { checkBatchBytes } from '../../src/shared/metadata.ts';
import type { Upload } from '../../src/shared/upload.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { choosePlan } from './planner.ts';

/**
 * Finds another plan for an upload of many files, whose way depends on the server alone: in chunks
 * where it lists `file_list`, otherwise whole. Asks an unknown server first.
 *
 * @returns null if the plan of the upload suits the server.
 * @throws UploadError `batch_too_large` if one request cannot carry the upload.
 */
export async function findFileListPlan(
  server: ServerConnection,
  upload: Upload,
  signal: AbortSignal,
): Promise<Plan | null> {
  await server.discover(signal);
  const plan = choosePlan(upload, server.planLimits);
  if (plan.way === 'direct') checkBatchBytes(upload.sizeBytes);
  return plan.way === upload.plan?.way ? null : plan;
}

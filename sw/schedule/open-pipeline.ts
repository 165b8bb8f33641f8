import type { Plan } from '../../src/shared/chunks.ts';
import { hasFileList } from '../../src/shared/http/file-list.ts';
import { getReadyState, withState } from '../../src/shared/upload.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import { Pipeline } from '../send/pipeline.ts';
import { choosePlan } from '../send/planner.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { canSendNow } from './readiness.ts';

/**
 * Opens the pipeline of an upload: chooses a plan if it has none, and reads its receipts.
 *
 * @param firstBytes the size of chunk 0 in a new plan.
 * @returns null if another writer changed the record and the upload cannot be sent now.
 */
export async function openPipeline(
  deps: DriverDependencies,
  server: ServerConnection,
  id: string,
  firstBytes?: number,
): Promise<Pipeline | null> {
  const now = deps.clock.now();
  const upload = await deps.db.update(id, (before) => {
    if (!canSendNow(before, now) || before.status === 'cancelled') return null;
    const facts = { plan: before.plan ?? choosePlan(before, server.planLimits, firstBytes) };
    return withState(before, getReadyState({ ...before, ...facts }), facts);
  });
  if (!upload || !canSendNow(upload, now)) return null;
  const plan: Plan = upload.plan ?? { way: 'direct' };
  // Receipts belong to a session: without one, chunk 0 has to open it.
  const receipts = upload.session ? await deps.db.receipts(id, upload.generation) : [];
  const acknowledged = receipts.map(({ index }) => index);
  const canQuery = server.capabilities.canQuery && upload.session !== null;
  // Only a server that lists the extension takes many files in chunks, so it is discovered first.
  const needsSync = upload.mayHaveCompleted || canQuery || hasFileList(upload);
  return new Pipeline(upload, plan, acknowledged, needsSync);
}

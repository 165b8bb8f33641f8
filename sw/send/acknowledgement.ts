import { getReadyState, type RemoteSession, type Upload, withState } from '../../src/shared/upload.ts';
import type { Sent } from '../ports/transport.ts';

/**
 * The record after the first acknowledgement of a session, or the first after failures; null if
 * nothing changes.
 */
export function applyAcknowledgement(before: Upload, sent: Sent): Upload | null {
  const session = mergeSession(before.session, sent.session);
  if (!session) return null;
  // The response that opens a session does not prove that this session lives longer than the lost
  // one.
  const restarted = before.restarted && before.session === null;
  const isQueued = before.status === 'queued';
  if (session === before.session && before.failures === 0 && restarted === before.restarted && !isQueued) return null;
  const facts = { session, failures: 0, restarted };
  return isQueued ? withState(before, getReadyState({ ...before, ...facts }), facts) : { ...before, ...facts };
}

/** Adds the data of a response to the session; returns the same object if the data is not new. */
function mergeSession(before: RemoteSession | null, received: RemoteSession | undefined): RemoteSession | null {
  if (!before || !received?.data) return before ?? received ?? null;
  const isNew = Object.entries(received.data).some(([key, value]) => before.data?.[key] !== value);
  return isNew ? { ...before, data: { ...before.data, ...received.data } } : before;
}

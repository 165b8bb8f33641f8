import { getReadyState, type Upload, withState } from '../../src/shared/upload.ts';
import type { Sent } from '../ports/transport.ts';

/** What the first answer of a session, or the first after failures, changes in the record; null when nothing. */
export function applyAcknowledgement(before: Upload, answer: Sent): Upload | null {
  const id = before.session?.id ?? answer.sessionId;
  if (!id) return null;
  const ticket = answer.ticket ?? before.session?.ticket;
  const session =
    before.session?.ticket === ticket && before.session ? before.session : { id, ...(ticket && { ticket }) };
  // What opens a session does not show that this one is better than the lost one.
  const restarted = before.restarted && before.session === null;
  const isReady = before.status === 'queued';
  if (session === before.session && before.failures === 0 && restarted === before.restarted && !isReady) return null;
  const facts = { session, failures: 0, restarted };
  return isReady ? withState(before, getReadyState({ ...before, ...facts }), facts) : { ...before, ...facts };
}

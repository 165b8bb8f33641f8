import type { Capabilities, Ordering } from '../capabilities.ts';
import { MAX_CHUNK_BYTES, MAX_REQUEST_BYTES } from '../chunks.ts';
import type { ServerProfile } from '../server-profile.ts';
import type { RemoteSession } from '../upload.ts';

/** Whether a request may carry the form field of a feature beyond the basic level. */
export type Supports = (feature: string) => boolean;

/**
 * Allows only the features that the server has listed. An unknown server receives the key alone;
 * its response lists the extensions, if it has any. A server that rejects such a form receives
 * basic forms from then on.
 */
export function createSupports({ features, rejectsExtraFields }: ServerProfile): Supports {
  if (features === null) return (feature) => feature === 'idempotency_key' && !rejectsExtraFields;
  const listed = new Set(features);
  return (feature) => listed.has(feature);
}

/** The one place that knows what the features of this protocol promise. */
export function getCapabilities({ features }: ServerProfile): Capabilities {
  const lists = (feature: string) => features?.includes(feature) ?? false;
  const resendIsSafe = lists('idempotency_key');
  const hasOffsets = resendIsSafe && lists('chunk_offset');
  return {
    order: getOrdering(resendIsSafe, hasOffsets && lists('generation') && lists('parallel_start')),
    resendIsSafe,
    canQuery: lists('status'),
    canResize: hasOffsets && lists('file_size') && lists('recut'),
    keepsPartial: hasOffsets && lists('generation') && lists('status') && lists('partial'),
    reportsReceiving: resendIsSafe && lists('status') && lists('receiving'),
    digest: lists('chunk_sha256') ? 'sha-256' : null,
    standaloneRequests: resendIsSafe && lists('ticket'),
    fileLists: hasOffsets && lists('file_size') && lists('file_list'),
    bundles: resendIsSafe && lists('bundle'),
    limits: {
      minChunkBytes: 1,
      maxChunkBytes: MAX_CHUNK_BYTES,
      equalChunks: !hasOffsets,
      maxWholeBytes: resendIsSafe ? null : MAX_REQUEST_BYTES,
    },
  };
}

/** Whether chunks may carry many files; null while the server is unknown. */
export function supportsFileLists(profile: ServerProfile): boolean | null {
  return hasAnswered(profile) ? getCapabilities(profile).fileLists : null;
}

/** Whether a request has reached the server before. */
export function hasAnswered({ features, listsNothing, rejectsExtraFields }: ServerProfile): boolean {
  return features !== null || listsNothing === true || rejectsExtraFields;
}

/** Whether a session accepts chunks without a token: its ticket stands for the user. */
export function hasTicket(session: RemoteSession | null): boolean {
  return session?.data?.ticket !== undefined;
}

/** @param startsAnywhere any chunk opens the session, so that none needs its id. */
function getOrdering(resendIsSafe: boolean, startsAnywhere: boolean): Ordering {
  if (startsAnywhere) return 'any';
  return resendIsSafe ? 'first-then-any' : 'first-then-any-final-last';
}

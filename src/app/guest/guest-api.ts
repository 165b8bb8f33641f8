import * as v from 'valibot';
import { UploadError } from '../../page/index.ts';
import { API } from '../urls.ts';

const TIMEOUT_MS = 30_000;

const linkSchema = v.object({
  name: v.string(),
  recipient: v.string(),
  expires_at: v.pipe(
    v.string(),
    v.transform((text) => Date.parse(text)),
  ),
  max_files: v.number(),
  max_bytes: v.number(),
  files: v.number(),
  bytes: v.number(),
});

/** A guest link as its guests see it; `expires_at` in ms since 1970. */
export type GuestLinkView = v.InferOutput<typeof linkSchema>;

/**
 * Reads a guest link.
 *
 * @returns null if it has ended.
 * @throws UploadError `network` if the server cannot be reached or gives no clear answer.
 */
export async function readGuestLink(token: string): Promise<GuestLinkView | null> {
  const response = await fetch(`${API}/guest/link`, {
    headers: { Authorization: `Bearer ${token}` },
    // A redirect would send the token to a host that is not configured.
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  const json: unknown = await response?.json().catch(() => null);
  // A proxy may answer 401 too.
  if (response?.status === 401 && v.is(v.object({ error: v.literal('unauthorized') }), json)) return null;
  const result = v.safeParse(linkSchema, response?.ok ? json : null);
  if (result.success) return result.output;
  throw new UploadError('network', 'The server could not be reached.');
}

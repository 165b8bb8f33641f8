import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import { createShare } from '../../src/shared/share.ts';

/** The action of the manifest's share target, relative to the scope of the worker. */
const SHARE_PATH = 'share';

/** The results of a share, as the app reads them from the parameter `share` of its URL. */
export type ShareResult = 'held' | 'nothing' | 'full' | 'refused' | 'failed';

/** Whether a request comes from the share target. */
export function isShareRequest({ method, url }: Request, scope: string): boolean {
  return method === 'POST' && new URL(url).pathname === new URL(SHARE_PATH, scope).pathname;
}

/** The URL of the app that shows the result of a share, relative to the scope of the worker. */
export function createShareUrl(result: ShareResult): string {
  return `./?${new URLSearchParams({ share: result })}`;
}

/**
 * Holds the shared files until a user confirms them in the app. Works offline. Any website can post
 * a form to the share target, so nothing is queued here.
 *
 * @throws DOMException if the files could not be stored, for example `QuotaExceededError`.
 */
export async function holdSharedFiles(db: UploadsDb, request: Request): Promise<ShareResult> {
  if (isFromWebsite(request)) return 'refused';
  const form = await request.formData();
  const files = form.getAll('files').filter((value) => value instanceof File);
  // Some apps share only text.
  if (files.length === 0) return 'nothing';
  const ownerId = (await db.settings.getCredentials())?.userId ?? (await db.settings.getLastUserId());
  return (await db.shares.add(createShare(files, joinTexts(form), ownerId))) ? 'held' : 'full';
}

/**
 * Whether a form of another website sent a request. A share of the system has no referrer and the
 * origin `null`, but a form can hide its origin too: with `no-referrer`, in a sandbox and after a
 * redirect (Chromium 156). The worker does not see `Sec-Fetch-Site`.
 */
function isFromWebsite({ headers, referrer, url }: Request): boolean {
  const sender = headers.get('Origin') ?? 'null';
  const { origin } = new URL(url);
  const isForeign = (other: string) => other.includes('://') && new URL(other).origin !== origin;
  return isForeign(sender) || isForeign(referrer);
}

function joinTexts(form: FormData): string {
  const texts = ['title', 'text', 'url'].map((name) => form.get(name)).filter((value) => typeof value === 'string');
  return texts.filter((value) => value !== '').join(' ');
}

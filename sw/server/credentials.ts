import * as v from 'valibot';
import type { Credentials } from '../../src/shared/db/settings.ts';
import type { Endpoint } from '../../src/shared/endpoint.ts';
import { type ErrorCode, UploadError } from '../../src/shared/errors.ts';
import { createBadResponseError, createResponseError, readJson } from '../../src/shared/http/responses.ts';
import type { DriverDependencies } from '../ports/ports.ts';

const TABS_TIMEOUT_MS = 5000;
const POLL_MS = 100;
const REFRESH_TIMEOUT_MS = 30_000;
/** Only the API itself can say that the user is signed out. */
const SIGNED_OUT: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['unauthorized', 'refused', 'not_found']);
const refreshSchema = v.object({ user_id: v.string(), token: v.pipe(v.string(), v.minLength(1)) });

/**
 * Replaces refused credentials by newer ones of the same user: stored meanwhile, from an open tab,
 * or from the refresh endpoint. The lock keeps two worker versions from using up the same refresh
 * cookie.
 *
 * @returns null if only the user can sign in again.
 * @throws UploadError with a code of requests if the refresh endpoint gave no answer of its own.
 */
export function renewCredentials(
  deps: DriverDependencies,
  endpoint: Endpoint,
  refused: Credentials,
): Promise<Credentials | null> {
  return deps.exclusive('token-refresh', undefined, async () => {
    return (
      (await getNewer(deps, refused)) ??
      (await requestFromTabs(deps, refused)) ??
      (await refreshFromServer(deps, endpoint, refused))
    );
  });
}

async function getNewer(deps: DriverDependencies, refused: Credentials): Promise<Credentials | null> {
  const stored = await deps.db.settings.getCredentials();
  return stored?.userId === refused.userId && stored.accessToken !== refused.accessToken ? stored : null;
}

async function requestFromTabs(deps: DriverDependencies, refused: Credentials): Promise<Credentials | null> {
  if ((await deps.tabs.count()) === 0) return null;
  await deps.tabs.post({ type: 'credentials-wanted', userId: refused.userId });
  const timeoutAt = deps.clock.ticks() + TABS_TIMEOUT_MS;
  while (deps.clock.ticks() < timeoutAt) {
    const credentials = await getNewer(deps, refused);
    if (credentials) return credentials;
    await deps.clock.sleep(POLL_MS);
  }
  return null;
}

async function refreshFromServer(
  deps: DriverDependencies,
  endpoint: Endpoint,
  refused: Credentials,
): Promise<Credentials | null> {
  if (endpoint.refresh === null) return null;
  const response = await fetch(endpoint.refresh, {
    method: 'POST',
    credentials: 'include',
    // JSON instead of a form, because another origin cannot send it without a preflight.
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
    redirect: 'manual',
    signal: AbortSignal.timeout(REFRESH_TIMEOUT_MS),
  }).catch(throwUnreachable);
  // 204: no user is signed in.
  if (response.status === 204) return null;
  const json = await readJson(response).catch(throwUnreachable);
  if (!response.ok) {
    const error = createResponseError(response, json);
    if (SIGNED_OUT.has(error.code)) return null;
    throw error;
  }
  const parsed = v.safeParse(refreshSchema, json);
  // The sign-in page of a captive portal says nothing about this user.
  if (!parsed.success) throw createBadResponseError();
  const credentials = { userId: parsed.output.user_id, accessToken: parsed.output.token };
  const isSameUser = credentials.userId === refused.userId;
  return isSameUser && (await deps.db.settings.renewCredentials(credentials)) ? credentials : null;
}

function throwUnreachable(cause: unknown): never {
  throw new UploadError('network', 'The sign-in could not be renewed: the server could not be reached.', { cause });
}

import * as v from 'valibot';
import type { Credentials } from '../../src/shared/db/settings.ts';
import type { Endpoint } from '../../src/shared/endpoint.ts';
import { UploadError } from '../../src/shared/errors.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import { createResponseError, readJson } from './responses.ts';

const TABS_TIMEOUT_MS = 5000;
const POLL_MS = 100;
const REFRESH_TIMEOUT_MS = 30_000;
const refreshSchema = v.object({ user_id: v.string(), token: v.pipe(v.string(), v.minLength(1)) });

/**
 * A token for the same user that is newer than the refused one: stored meanwhile, given by an open tab, or from the refresh
 * endpoint. The lock keeps two worker versions from spending the same refresh cookie.
 *
 * @returns null when only the user can give one.
 * @throws UploadError `network` or `busy` when the refresh endpoint could not be asked.
 */
export function renewCredentials(
  world: DriverDependencies,
  endpoint: Endpoint,
  refused: Credentials,
): Promise<Credentials | null> {
  return world.exclusive('token-refresh', undefined, async () => {
    return (
      (await getNewer(world, refused)) ??
      (await requestFromTabs(world, refused)) ??
      (await refreshFromServer(world, endpoint, refused))
    );
  });
}

async function getNewer(world: DriverDependencies, refused: Credentials): Promise<Credentials | null> {
  const stored = await world.db.settings.getCredentials();
  return stored?.userId === refused.userId && stored.accessToken !== refused.accessToken ? stored : null;
}

async function requestFromTabs(world: DriverDependencies, refused: Credentials): Promise<Credentials | null> {
  if ((await world.tabs.count()) === 0) return null;
  await world.tabs.post({ type: 'credentials-wanted', userId: refused.userId });
  const giveUpAt = world.clock.ticks() + TABS_TIMEOUT_MS;
  while (world.clock.ticks() < giveUpAt) {
    const token = await getNewer(world, refused);
    if (token) return token;
    await world.clock.sleep(POLL_MS);
  }
  return null;
}

/** @throws UploadError `network` or `busy` when the endpoint did not say who is signed in: nobody need sign in again for that. */
async function refreshFromServer(
  world: DriverDependencies,
  endpoint: Endpoint,
  refused: Credentials,
): Promise<Credentials | null> {
  if (endpoint.refresh === null) return null;
  const response = await fetch(endpoint.refresh, {
    method: 'POST',
    credentials: 'include',
    // Not a form: a page of another origin cannot send this without being asked first.
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
    redirect: 'error',
    signal: AbortSignal.timeout(REFRESH_TIMEOUT_MS),
  }).catch(throwUnreachable);
  // Nobody is signed in.
  if (response.status === 204) return null;
  const json = await readJson(response).catch(throwUnreachable);
  const said = response.ok ? null : createResponseError(response, json);
  if (said?.code === 'server_busy') throw said;
  if (said) return null;
  const read = v.safeParse(refreshSchema, json);
  // What a hotel's sign-in page says in between says nothing of who is signed in here.
  if (!read.success) return throwUnreachable(read.issues);
  const token = { userId: read.output.user_id, accessToken: read.output.token };
  return token.userId === refused.userId && (await world.db.settings.renewCredentials(token)) ? token : null;
}

function throwUnreachable(cause: unknown): never {
  throw new UploadError('network', 'The sign-in could not be renewed: the server could not be reached.', { cause });
}

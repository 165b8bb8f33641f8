import * as v from 'valibot';
import type { Endpoint, Token } from '../src/shared/uploads-db.ts';
import { readJson } from './answers.ts';
import type { World } from './world.ts';

const TABS_MS = 5000;
const LOOK_MS = 100;
const REFRESH_MS = 30_000;
const refreshed = v.object({ user_id: v.string(), token: v.pipe(v.string(), v.minLength(1)) });

/**
 * A token for the same user that is newer than the refused one: stored meanwhile, given by an open tab, or from the refresh
 * endpoint. The lock keeps two worker versions from spending the same refresh cookie.
 */
export function renewToken(world: World, endpoint: Endpoint, refused: Token): Promise<Token | null> {
  return world.exclusive('token-refresh', undefined, async () => {
    return (
      (await newer(world, refused)) ?? (await askTabs(world, refused)) ?? (await askServer(world, endpoint, refused))
    );
  });
}

async function newer(world: World, refused: Token): Promise<Token | null> {
  const stored = await world.db.token();
  return stored?.userId === refused.userId && stored.token !== refused.token ? stored : null;
}

async function askTabs(world: World, refused: Token): Promise<Token | null> {
  if ((await world.tabs.count()) === 0) return null;
  await world.tabs.post({ type: 'token-wanted', userId: refused.userId });
  const giveUpAt = world.clock.now() + TABS_MS;
  while (world.clock.now() < giveUpAt) {
    const token = await newer(world, refused);
    if (token) return token;
    await world.clock.sleep(LOOK_MS);
  }
  return null;
}

async function askServer(world: World, endpoint: Endpoint, refused: Token): Promise<Token | null> {
  if (endpoint.refresh === null) return null;
  const response = await fetch(endpoint.refresh, {
    method: 'POST',
    credentials: 'include',
    // Not a form: a page of another origin cannot send this without being asked first.
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(REFRESH_MS),
  }).catch(() => null);
  const read = v.safeParse(refreshed, response?.ok ? await readJson(response) : null);
  if (!read.success || read.output.user_id !== refused.userId) return null;
  const token = { userId: refused.userId, token: read.output.token };
  await world.db.setToken(token);
  return token;
}

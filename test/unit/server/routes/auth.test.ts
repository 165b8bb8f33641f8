import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UploadServer } from '../../../../src/server/server.ts';
import { type ApiResponse, folder, Peer, refusal, start } from '../peer.ts';

const json = { 'Content-Type': 'application/json' };
const createCode = (server: UploadServer, user: string) => new URL(server.signInLink(user)).hash.replace('#code=', '');
const toCookie = ({ headers }: ApiResponse) => headers.get('Set-Cookie')?.split(';')[0] ?? '';

/** A new sign-in of ada, and ways to use a cookie. */
async function setUp() {
  const dataDir = await folder();
  const server = await start({ dataDir });
  const stranger = new Peer(server, null);
  const signIn = (user: string, cookie = '') =>
    stranger.send('POST', '/auth/session', JSON.stringify({ code: createCode(server, user) }), {
      ...json,
      Cookie: cookie,
    });
  const first = await signIn('ada');
  const use = (cookie: string, way = 'refresh') =>
    stranger.send('POST', `/auth/${way}`, '{}', { ...json, Cookie: cookie });
  return { server, dataDir, first, use, signIn };
}

describe('sign-in', () => {
  afterEach(() => vi.useRealTimers());

  it('redeems a code for one browser, and refuses other codes', async () => {
    const server = await start();
    const stranger = new Peer(server, null);
    const code = createCode(server, 'ada');
    const use = (given: string) => stranger.send('POST', '/auth/session', JSON.stringify({ code: given }), json);
    expect((await use(code)).json).toMatchObject({ user_id: 'ada', token: expect.any(String) });
    expect(refusal(await use(code))).toBe('401 bad_code');
    expect(refusal(await use('guessed'))).toBe('401 bad_code');
    expect(refusal(await stranger.send('POST', '/auth/session', '{}', json))).toBe('400 bad_field');
    expect(refusal(await stranger.send('POST', '/auth/session', 'code=x'))).toBe('415 json_required');
  });

  it('verifies the token of a request once', async () => {
    const { server, first } = await setUp();
    const verify = vi.spyOn(server.auth.accessTokens, 'verify');
    const ada = new Peer(server, first.json.token);
    const requests = [() => ada.get('/batches'), () => ada.direct('x'), () => ada.chunk(0, 'x')];
    for (const [n, request] of requests.entries()) {
      expect((await request()).status).toBe(200);
      expect(verify).toHaveBeenCalledTimes(n + 1);
    }
  });

  it('keeps a code of another user than the signed-in one unspent', async () => {
    const { server } = await setUp();
    const stranger = new Peer(server, null);
    const code = createCode(server, 'ben');
    const redeem = (body: object) => stranger.send('POST', '/auth/session', JSON.stringify({ code, ...body }), json);
    const refused = await redeem({ user_id: 'ada' });
    expect(refusal(refused)).toBe('409 other_user');
    expect(refused.json.user_id).toBe('ben');
    expect(refused.headers.get('Set-Cookie')).toBe(null);
    expect((await redeem({})).json.user_id).toBe('ben');
    const own = await stranger.send(
      'POST',
      '/auth/session',
      JSON.stringify({ code: createCode(server, 'ada'), user_id: 'ada' }),
      json,
    );
    expect(own.json.user_id).toBe('ada');
  });

  it('tells apps to use links', async () => {
    const server = await start();
    expect((await new Peer(server, null).get('/auth/config')).json).toEqual({ sign_in: 'link' });
  });

  it('accepts a refresh cookie until 30 s after its successor is used', async () => {
    const { first, use } = await setUp();
    vi.useFakeTimers({ toFake: ['Date'] });
    const lost = await use(toCookie(first));
    vi.setSystemTime(Date.now() + 24 * 60 * 60_000);
    const successor = toCookie(await use(toCookie(first)));
    expect(toCookie(lost)).not.toBe(successor);
    expect((await use(successor)).json.user_id).toBe('ada');
    // A tab may send the previous cookie at the same time.
    expect((await use(toCookie(first))).json.user_id).toBe('ada');
  });

  it('ends when a replaced refresh cookie comes back', async () => {
    const { server, first, use } = await setUp();
    const second = await use(toCookie(first));
    const third = await use(toCookie(second));
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 31_000);
    const ada = new Peer(server, third.json.token);
    expect((await ada.get('/batches')).status).toBe(200);
    const events: unknown[] = [];
    server.app.log.warn = (event: unknown) => events.push(event);
    expect(refusal(await use(toCookie(first)))).toBe('401 unauthorized');
    expect(events).toContainEqual(expect.objectContaining({ event: 'refresh_reused', userId: 'ada' }));
    expect(refusal(await use(toCookie(third)))).toBe('401 unauthorized');
    expect(refusal(await ada.get('/batches'))).toBe('401 unauthorized');
  });

  it('ends the access tokens of its family with sign-out, and no others', async () => {
    const { server, first, use, signIn } = await setUp();
    const other = await signIn('ada');
    const second = await use(toCookie(first));
    expect((await use(toCookie(second), 'sign-out')).status).toBe(204);
    for (const { json: ended } of [first, second]) {
      expect(refusal(await new Peer(server, ended.token).get('/batches'))).toBe('401 unauthorized');
    }
    expect((await new Peer(server, other.json.token).get('/batches')).status).toBe(200);
  });

  it('stays ended after a restart', async () => {
    const { server, dataDir, first, use } = await setUp();
    await use(toCookie(first), 'sign-out');
    await server.close();
    const ada = new Peer(await start({ dataDir }), first.json.token);
    expect(refusal(await ada.get('/batches'))).toBe('401 unauthorized');
  });

  it('uses the valid one of two refresh cookies, in any order', async () => {
    const { first, use, signIn } = await setUp();
    const planted = await signIn('mallory');
    for (const bad of ['refresh=guessed', 'refresh=']) {
      expect((await use(`${bad}; ${toCookie(first)}`)).json.user_id).toBe('ada');
      expect((await use(`${toCookie(first)}; ${bad}`)).json.user_id).toBe('ada');
    }
    // A cookie that another port of the host planted must not choose the user.
    expect(refusal(await use(`${toCookie(planted)}; ${toCookie(first)}`))).toBe('401 unauthorized');
    expect((await use(toCookie(first))).json.user_id).toBe('ada');
  });

  it('accepts the last 8 successors of a refresh cookie', async () => {
    const { first, use } = await setUp();
    vi.useFakeTimers({ toFake: ['Date'] });
    const successors: string[] = [];
    for (let n = 0; n < 12; n++) {
      vi.setSystemTime(Date.now() + 1000);
      successors.push(toCookie(await use(toCookie(first))));
    }
    expect(refusal(await use(successors.at(0) ?? ''))).toBe('401 unauthorized');
    expect((await use(successors.at(-8) ?? '')).json.user_id).toBe('ada');
    expect((await use(successors.at(-1) ?? '')).json.user_id).toBe('ada');
  });

  it('ends with sign-out for a cookie that is refreshed at the same time', async () => {
    const { first, use } = await setUp();
    const [refreshed] = await Promise.all([use(toCookie(first)), use(toCookie(first), 'sign-out')]);
    if (refreshed.status === 200) expect(refusal(await use(toCookie(refreshed)))).toBe('401 unauthorized');
    expect(refusal(await use(toCookie(first)))).toBe('401 unauthorized');
  });

  it('ends when another user signs in with the same browser', async () => {
    const { first, use, signIn } = await setUp();
    const second = await signIn('bob', toCookie(first));
    expect(refusal(await use(toCookie(first)))).toBe('401 unauthorized');
    expect((await use(toCookie(second))).json.user_id).toBe('bob');
  });

  it('rotates the refresh cookie with each use until sign-out', async () => {
    const { first, use } = await setUp();
    expect(first.headers.get('Set-Cookie')).toMatch(/; Path=\/api\/auth; .*HttpOnly; SameSite=Strict$/);
    const second = await use(toCookie(first));
    expect(toCookie(second)).not.toBe(toCookie(first));
    const third = await use(toCookie(second));
    expect(third.json.user_id).toBe('ada');
    expect((await use(toCookie(second), 'sign-out')).status).toBe(204);
    for (const gone of [second, third]) expect(refusal(await use(toCookie(gone)))).toBe('401 unauthorized');
    expect(refusal(await use('refresh=guessed'))).toBe('401 unauthorized');
    // Without a cookie there is no user, which is not an error.
    expect((await use('')).status).toBe(204);
  });
});

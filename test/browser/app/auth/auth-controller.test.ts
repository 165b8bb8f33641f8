import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthController } from '../../../../src/app/auth/auth-controller.ts';
import type { Credentials } from '../../../../src/page/index.ts';

describe('a slow answer to who is signed in', () => {
  let stored: (Credentials | null)[];
  let signedIn: AuthController;
  let answerRefresh: (response: Response) => void;

  beforeEach(() => {
    stored = [];
    signedIn = new AuthController({ setCredentials: async (token) => void stored.push(token) });
    const refresh = new Promise<Response>((resolve) => {
      answerRefresh = resolve;
    });
    vi.stubGlobal('fetch', async (url: string) => {
      if (url === '/api/auth/refresh') return refresh;
      return url === '/api/auth/session' ? tokenOf('ada') : new Response(null, { status: 204 });
    });
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('counts while the user does nothing, or what the server refuses', async () => {
    const begun = signedIn.restore();
    expect(await signedIn.signInWithLink('no code')).toBe(false);
    answerRefresh(tokenOf('bob'));
    await begun;
    expect(stored).toEqual([{ userId: 'bob', token: 'token of bob' }]);
  });

  it('signs nobody in who has signed out since', async () => {
    const begun = signedIn.restore();
    await signedIn.signOut();
    answerRefresh(tokenOf('bob'));
    await begun;
    expect(stored).toEqual([null]);
  });

  it('signs nobody out who has opened a link since', async () => {
    const begun = signedIn.restore();
    location.hash = 'code=c';
    await signedIn.restore();
    answerRefresh(new Response(null, { status: 204 }));
    await begun;
    expect(stored).toEqual([{ userId: 'ada', token: 'token of ada' }]);
  });

  it('signs nobody out who has signed in by a link since', async () => {
    const begun = signedIn.restore();
    expect(await signedIn.signInWithLink('https://uploads.test/#code=c')).toBe(true);
    answerRefresh(new Response(null, { status: 204 }));
    await begun;
    expect(stored).toEqual([{ userId: 'ada', token: 'token of ada' }]);
  });
});

function tokenOf(userId: string): Response {
  return Response.json({ user_id: userId, token: `token of ${userId}` });
}

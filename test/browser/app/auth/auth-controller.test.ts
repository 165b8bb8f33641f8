import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthController } from '../../../../src/app/auth/auth-controller.ts';
import type { Credentials } from '../../../../src/page/index.ts';

describe('AuthController with a slow refresh response', () => {
  let stored: (Credentials | null)[];
  let signedIn: AuthController;
  let answerRefresh: (response: Response) => void;

  beforeEach(() => {
    stored = [];
    const client = { userId: null, setCredentials: async (token: Credentials | null) => void stored.push(token) };
    signedIn = new AuthController(client, async () => true);
    const refresh = new Promise<Response>((resolve) => {
      answerRefresh = resolve;
    });
    vi.stubGlobal('fetch', async (url: string) => {
      if (url === '/api/auth/refresh') return refresh;
      if (url === '/api/auth/config') return Response.json({ sign_in: 'link' });
      return url === '/api/auth/session' ? createResponse('ada') : new Response(null, { status: 204 });
    });
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('uses a late refresh after the user did nothing, or failed to sign in', async () => {
    const started = signedIn.restore();
    expect(await signedIn.signInWithLink('no code')).toBe(false);
    answerRefresh(createResponse('bob'));
    await started;
    expect(stored).toEqual([{ userId: 'bob', accessToken: 'token of bob' }]);
  });

  it('ignores a late refresh after the user signed out', async () => {
    const started = signedIn.restore();
    await signedIn.signOut();
    answerRefresh(createResponse('bob'));
    await started;
    expect(stored).toEqual([null]);
  });

  it('stays signed in when a late refresh fails after a link opened', async () => {
    const started = signedIn.restore();
    location.hash = 'code=c';
    await signedIn.restore();
    answerRefresh(new Response(null, { status: 204 }));
    await started;
    expect(stored).toEqual([{ userId: 'ada', accessToken: 'token of ada' }]);
  });

  it('stays signed in when a late refresh fails after a link was entered', async () => {
    const started = signedIn.restore();
    expect(await signedIn.signInWithLink('https://uploads.test/#code=c')).toBe(true);
    answerRefresh(new Response(null, { status: 204 }));
    await started;
    expect(stored).toEqual([{ userId: 'ada', accessToken: 'token of ada' }]);
  });
});

function createResponse(userId: string): Response {
  return Response.json({ user_id: userId, token: `token of ${userId}` });
}

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthController } from '../../../../src/app/auth/auth-controller.ts';
import { type Credentials, UploadError } from '../../../../src/page/index.ts';

describe('AuthController with a slow refresh response', () => {
  let stored: (Credentials | null)[];
  let signedIn: AuthController;
  let answerRefresh: (response: Response) => void;
  let isAccepted: () => Promise<boolean>;

  beforeEach(() => {
    stored = [];
    isAccepted = async () => false;
    signedIn = new AuthController({
      setCredentials: async (token) => void stored.push(token),
      signOut: async () => void stored.push(null),
      isAccepted: () => isAccepted(),
    });
    const refresh = new Promise<Response>((resolve) => {
      answerRefresh = resolve;
    });
    vi.stubGlobal('fetch', async (url: string) => {
      if (url === '/api/auth/refresh') return refresh;
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

  it('signs no user out while the page of a proxy answers with 401', async () => {
    const started = signedIn.restore();
    answerRefresh(new Response('<h1>Sign in</h1>', { status: 401 }));
    await expect(started).rejects.toMatchObject({ code: 'network_sign_in' });
    expect(stored).toEqual([]);
  });

  it('signs out a browser without a cookie only if its access token is refused', async () => {
    answerRefresh(new Response(null, { status: 204 }));
    isAccepted = async () => true;
    await signedIn.restore();
    isAccepted = () => Promise.reject(new UploadError('network', 'No answer.'));
    await signedIn.restore();
    expect(stored).toEqual([]);
    isAccepted = async () => false;
    await signedIn.restore();
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

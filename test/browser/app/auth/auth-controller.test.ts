import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthController, type UserSwitch } from '../../../../src/app/auth/auth-controller.ts';
import { type Credentials, UploadError } from '../../../../src/page/index.ts';

describe('AuthController with a slow refresh response', () => {
  let stored: (Credentials | null)[];
  let signedIn: AuthController;
  let answerRefresh: (response: Response) => void;
  let isAccepted: () => Promise<boolean>;

  beforeEach(() => {
    stored = [];
    isAccepted = async () => false;
    const client = {
      userId: null,
      setCredentials: async (token: Credentials | null) => void stored.push(token),
      signOut: async () => void stored.push(null),
      isAccepted: () => isAccepted(),
    };
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

describe('AuthController with a link of another user', () => {
  let stored: (Credentials | null)[];
  let redeemed: unknown[];
  let questions: UserSwitch[];

  beforeEach(() => {
    [stored, redeemed, questions] = [[], [], []];
    vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
      if (url === '/api/auth/config') return Response.json({ sign_in: 'link' });
      const body = JSON.parse(String(init?.body));
      redeemed.push(body.user_id ?? null);
      if (body.user_id === 'ada') return Response.json({ error: 'other_user', user_id: 'bob' }, { status: 409 });
      return createResponse('bob');
    });
    location.hash = 'code=c';
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    location.hash = '';
  });

  function create(answer: () => Promise<boolean>): AuthController {
    const client = {
      userId: 'ada',
      setCredentials: async (token: Credentials | null) => void stored.push(token),
      signOut: async () => void stored.push(null),
      isAccepted: async () => false,
    };
    return new AuthController(client, async (users) => {
      questions.push(users);
      return answer();
    });
  }

  it('keeps the user who declines, and does not use the link', async () => {
    await create(async () => false).restore();
    expect(questions).toEqual([{ from: 'ada', to: 'bob', isGuest: false }]);
    expect([stored, redeemed, location.hash]).toEqual([[], ['ada'], '']);
  });

  it('switches the user who agrees', async () => {
    await create(async () => true).restore();
    expect(redeemed).toEqual(['ada', null]);
    expect(stored).toEqual([{ userId: 'bob', accessToken: 'token of bob' }]);
  });

  it('asks once when the page goes online meanwhile', async () => {
    let answer: (isConfirmed: boolean) => void = () => undefined;
    const answered = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    const auth = create(() => answered);
    const first = auth.restore();
    await vi.waitFor(() => expect(questions).toHaveLength(1));
    const second = auth.restore();
    answer(true);
    await Promise.all([first, second]);
    expect(questions).toHaveLength(1);
    expect(stored).toEqual([{ userId: 'bob', accessToken: 'token of bob' }]);
  });
});

function createResponse(userId: string): Response {
  return Response.json({ user_id: userId, token: `token of ${userId}` });
}

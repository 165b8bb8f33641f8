import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UploadServer } from '../../../src/server/server.ts';
import { type Answer, folder, form, Peer, peer, refusal, start } from './peer.ts';

const NAME = 'parallel-chunk-uploader';

/** What belongs to ada: an unfinished upload and a batch. */
interface Hers {
  readonly uploadId: string;
  readonly ticket: string;
  readonly batchId: string;
}

/** What another user gets who is signed in: nothing there, or only what is the user's own. */
type ForOthers = '404' | 'own';

interface Row {
  readonly ask: (caller: Peer, hers: Hers, fields: Record<string, string>) => Promise<Answer>;
  readonly forOthers: ForOthers;
}

const file = () => new Blob(['x']);
const get = (path: (hers: Hers) => string, forOthers: ForOthers = '404'): Row => ({
  ask: (caller, hers) => caller.get(path(hers)),
  forOthers,
});

/** Every route that knows users. One that is added needs a row here, or a place among the open ones. */
const ROWS: Readonly<Record<string, Row>> = {
  'POST /api/batches/upload': {
    ask: (caller, _hers, fields) =>
      caller.send('POST', '/batches/upload', form({ upload_type: 'file', ...fields, file: file() })),
    forOthers: 'own',
  },
  'POST /api/batches/upload-chunk': {
    ask: (caller, { uploadId: upload_id }, fields) => caller.chunk(1, 'x', { upload_id, ...fields }),
    forOthers: '404',
  },
  'GET /api/batches/upload-chunk/:id': get(({ uploadId }) => `/batches/upload-chunk/${uploadId}`),
  'DELETE /api/batches/upload-chunk/:id': {
    ask: (caller, { uploadId }) => caller.send('DELETE', `/batches/upload-chunk/${uploadId}`),
    forOthers: '404',
  },
  'GET /api/batches': get(() => '/batches', 'own'),
  'GET /api/batches/:id': get(({ batchId }) => `/batches/${batchId}`),
  'GET /api/batches/:id/files/:n': get(({ batchId }) => `/batches/${batchId}/files/0`),
};

/** Routes for everybody: they tell nothing of anybody, or take a code or cookie instead (below). */
const OPEN = ['GET /api/health', 'POST /api/auth/session', 'POST /api/auth/refresh', 'POST /api/auth/sign-out'];

async function world() {
  const dataDir = await folder();
  const server = await start({ dataDir });
  const ada = await peer(server, 'ada');
  const open = (await ada.chunk(0, 'hers')).json;
  const hers: Hers = {
    uploadId: open.upload_id,
    ticket: open.ticket,
    batchId: (await ada.direct('hers')).json.batch_id,
  };
  const { secret } = JSON.parse(await readFile(join(dataDir, 'auth.json'), 'utf8'));
  return { server, ada, hers, secret: Buffer.from(secret, 'base64url') };
}

/** What a stranger may present, none of it good. */
async function strangers({ secret, hers }: Awaited<ReturnType<typeof world>>): Promise<[string, string | null][]> {
  const sign = (by: Uint8Array, audience = NAME, issuer = NAME, expires = '5m') => {
    const token = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('ada');
    return token.setIssuer(issuer).setAudience(audience).setExpirationTime(expires).sign(by);
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'ada', iss: NAME, aud: NAME, exp: Math.floor(Date.now() / 1000) + 300 };
  const good = await sign(secret);
  const endless = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('ada');
  return [
    ['no token', null],
    ['an empty token', ''],
    ['an expired token', await sign(secret, NAME, NAME, '-1s')],
    ['a token that never expires', await endless.setIssuer(NAME).setAudience(NAME).sign(secret)],
    ['a token signed by somebody else', await sign(Buffer.alloc(32, 1))],
    ['a token whose user was changed', good.replace(/\..*\./, `.${part({ ...claims, sub: 'bob' })}.`)],
    ['a token without signature', `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`],
    ['a token for another audience', await sign(secret, 'mail')],
    ['a token of another issuer', await sign(secret, NAME, 'mail')],
    ['a ticket as token', hers.ticket],
  ];
}

/** `METHOD path` of each route, out of the framework's own drawing of its tree. */
function routesOf(server: UploadServer): string[] {
  const routes: string[] = [];
  const above: string[] = [];
  for (const line of server.app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent, path = '', methods = ''] = /^([│├└─ ]+)(\S+) \((.+)\)$/.exec(line) ?? [];
    if (indent === undefined) continue;
    const depth = indent.length / 4 - 1;
    above[depth] = path;
    for (const method of methods.split(', ')) routes.push(`${method} ${above.slice(0, depth + 1).join('')}`);
  }
  return routes;
}

describe('what is not the caller’s does not exist', () => {
  it('on any route: each has its row here', async () => {
    expect(routesOf(await start()).sort()).toEqual([...Object.keys(ROWS), ...OPEN].sort());
  });

  it.each(Object.entries(ROWS))('%s', async (_route, { ask, forOthers }) => {
    const all = await world();
    const { server, ada, hers } = all;
    for (const [what, token] of await strangers(all)) {
      const answer = await ask(new Peer(server, token), hers, {});
      expect([what, answer.status]).toEqual([what, 401]);
      expect(answer.json).toEqual({
        error: expect.stringMatching(/^(unauthorized|token_expired)$/),
        message: expect.any(String),
      });
    }
    const bob = await peer(server, 'bob');
    const his = await ask(bob, hers, {});
    expect(his.status).toBe(forOthers === '404' ? 404 : 200);
    expect(JSON.stringify(his.json)).not.toContain(hers.batchId);
    expect(server.batches.list('ada').map(({ batchId }) => batchId)).toEqual([hers.batchId]);
    expect((await ada.status(hers.uploadId)).json.received).toEqual([[0, 1]]);
    expect(await ada.download(hers.batchId)).toBe('hers');
  });

  it.each(Object.entries(ROWS))('%s opens to no ticket but that of its session', async (route, { ask }) => {
    const all = await world();
    const { server, hers } = all;
    const bob = await peer(server, 'bob');
    const { ticket: his } = (await bob.chunk(0, 'his')).json;
    const isForTickets = route === 'POST /api/batches/upload-chunk';
    const bare = new Peer(server, null);
    const stale = new Peer(server, await server.issueToken('bob', -1));
    for (const caller of [bare, stale]) {
      expect((await ask(caller, hers, { ticket: his })).status).toBe(401);
      expect((await ask(caller, hers, { ticket: `${hers.ticket}x` })).status).toBe(401);
    }
    expect((await ask(bare, hers, { ticket: hers.ticket })).status).toBe(isForTickets ? 200 : 401);
    // A token that is good decides alone, and one that was never good is not made up for.
    if (isForTickets) expect((await ask(bob, hers, { ticket: hers.ticket })).status).toBe(404);
    const forged = (await strangers(all)).filter(([what]) => /signed|signature|audience|issuer/.test(what));
    expect(forged).toHaveLength(4);
    for (const [, token] of forged) {
      expect((await ask(new Peer(server, token), hers, { ticket: hers.ticket })).status).toBe(401);
    }
  });
});

const json = { 'Content-Type': 'application/json' };
const codeFor = (server: UploadServer, user: string) => new URL(server.signInLink(user)).hash.replace('#code=', '');
const cookieOf = ({ headers }: Answer) => headers.get('Set-Cookie')?.split(';')[0] ?? '';

/** A user who just signed in, and a way to use a cookie. */
async function signedIn() {
  const server = await start();
  const nobody = new Peer(server, null);
  const signIn = (user: string, cookie = '') =>
    nobody.send('POST', '/auth/session', JSON.stringify({ code: codeFor(server, user) }), { ...json, Cookie: cookie });
  const first = await signIn('ada');
  const use = (cookie: string, way = 'refresh') =>
    nobody.send('POST', `/auth/${way}`, '{}', { ...json, Cookie: cookie });
  return { first, use, signIn };
}

describe('signing in', () => {
  afterEach(() => vi.useRealTimers());

  it('takes a code once, and no other', async () => {
    const server = await start();
    const nobody = new Peer(server, null);
    const code = codeFor(server, 'ada');
    const use = (given: string) => nobody.send('POST', '/auth/session', JSON.stringify({ code: given }), json);
    expect((await use(code)).json).toMatchObject({ user_id: 'ada', token: expect.any(String) });
    expect(refusal(await use(code))).toBe('401 bad_code');
    expect(refusal(await use('guessed'))).toBe('401 bad_code');
    expect(refusal(await nobody.send('POST', '/auth/session', '{}', json))).toBe('400 bad_field');
    expect(refusal(await nobody.send('POST', '/auth/session', 'code=x'))).toBe('415 json_required');
  });

  it('stays so by a cookie whose follower never arrived, but not for long by one whose follower is in use', async () => {
    const { first, use } = await signedIn();
    vi.useFakeTimers({ toFake: ['Date'] });
    const lost = await use(cookieOf(first));
    vi.setSystemTime(Date.now() + 24 * 60 * 60_000);
    const follower = cookieOf(await use(cookieOf(first)));
    expect(cookieOf(lost)).not.toBe(follower);
    expect((await use(follower)).json.user_id).toBe('ada');
    // A tab may have left with the old one just before.
    expect((await use(cookieOf(first))).json.user_id).toBe('ada');
    vi.setSystemTime(Date.now() + 60_000);
    expect(refusal(await use(cookieOf(first)))).toBe('401 unauthorized');
    expect((await use(follower)).json.user_id).toBe('ada');
  });

  it('stays so by the last followers of a cookie, however many of them were lost', async () => {
    const { first, use } = await signedIn();
    vi.useFakeTimers({ toFake: ['Date'] });
    const followers: string[] = [];
    for (let n = 0; n < 12; n++) {
      vi.setSystemTime(Date.now() + 1000);
      followers.push(cookieOf(await use(cookieOf(first))));
    }
    expect(refusal(await use(followers.at(0) ?? ''))).toBe('401 unauthorized');
    expect((await use(followers.at(-8) ?? '')).json.user_id).toBe('ada');
    expect((await use(followers.at(-1) ?? '')).json.user_id).toBe('ada');
  });

  it('ends with the sign-out, also for the cookie that a refresh beside it was given', async () => {
    const { first, use } = await signedIn();
    const [refreshed] = await Promise.all([use(cookieOf(first)), use(cookieOf(first), 'sign-out')]);
    if (refreshed.status === 200) expect(refusal(await use(cookieOf(refreshed)))).toBe('401 unauthorized');
    expect(refusal(await use(cookieOf(first)))).toBe('401 unauthorized');
  });

  it('ends when another user signs in with the same browser', async () => {
    const { first, use, signIn } = await signedIn();
    const second = await signIn('bob', cookieOf(first));
    expect(refusal(await use(cookieOf(first)))).toBe('401 unauthorized');
    expect((await use(cookieOf(second))).json.user_id).toBe('bob');
  });

  it('stays so by a cookie that changes with each use, until signed out', async () => {
    const { first, use } = await signedIn();
    expect(first.headers.get('Set-Cookie')).toMatch(/; Path=\/api\/auth; .*HttpOnly; SameSite=Strict$/);
    const second = await use(cookieOf(first));
    expect(cookieOf(second)).not.toBe(cookieOf(first));
    const third = await use(cookieOf(second));
    expect(third.json.user_id).toBe('ada');
    expect((await use(cookieOf(second), 'sign-out')).status).toBe(204);
    for (const gone of [second, third]) expect(refusal(await use(cookieOf(gone)))).toBe('401 unauthorized');
    expect(refusal(await use('refresh=guessed'))).toBe('401 unauthorized');
    // Nobody is signed in, which is no error.
    expect((await use('')).status).toBe(204);
  });
});

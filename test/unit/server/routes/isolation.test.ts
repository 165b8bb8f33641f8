import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { UploadServer } from '../../../../src/server/server.ts';
import { folder, Peer, peer, refusal, start } from '../peer.ts';
import { GUEST_ROWS, OPEN, type Owned, ROWS } from './route-table.ts';

const NAME = 'parallel-chunk-uploader';

async function setUp() {
  const dataDir = await folder();
  const server = await start({ dataDir });
  const ada = await peer(server, 'ada');
  const open = (await ada.chunk(0, 'owned')).json;
  const { refreshTokens, accessTokens } = server.auth;
  const limits = JSON.stringify({ max_files: 9, max_bytes: 99, days: 1 });
  const guestLink = (await ada.send('POST', '/guest-links', limits, { 'Content-Type': 'application/json' })).json;
  const owned: Owned = {
    guestLinkId: guestLink.guest_link_id,
    deviceId: (await refreshTokens.create('ada', 'Firefox on Linux')).familyId,
    uploadId: open.upload_id,
    ticket: open.ticket,
    batchId: (await ada.direct('owned')).json.batch_id,
  };
  const { secret } = JSON.parse(await readFile(join(dataDir, 'auth.json'), 'utf8'));
  const signedOut = await refreshTokens.create('ada');
  const revoked = await refreshTokens.create('ada');
  const ended = {
    'a token after sign-out': await accessTokens.issue(signedOut),
    'a token of a revoked device': await accessTokens.issue(revoked),
    'a token of an unknown sign-in': await accessTokens.issue({ userId: 'ada', familyId: 'guessed' }),
    'a refresh token as token': signedOut.token,
    'the token of a guest': guestLink.token,
  };
  await refreshTokens.revoke([signedOut.token]);
  await refreshTokens.end('ada', revoked.familyId);
  return { server, ada, owned, ended, guestToken: guestLink.token, secret: Buffer.from(secret, 'base64url') };
}

/** Credentials of strangers. None of them is valid. */
async function strangers({
  secret,
  owned,
  ended,
}: Awaited<ReturnType<typeof setUp>>): Promise<[string, string | null][]> {
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
    ['a token signed with another secret', await sign(Buffer.alloc(32, 1))],
    ['a token whose user was changed', good.replace(/\..*\./, `.${part({ ...claims, sub: 'bob' })}.`)],
    ['a token without signature', `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`],
    ['a token for another audience', await sign(secret, 'mail')],
    ['a token of another issuer', await sign(secret, NAME, 'mail')],
    ['a ticket as token', owned.ticket],
    ...Object.entries(ended),
  ];
}

/** `METHOD path` of each route, parsed from the tree that Fastify prints. */
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

describe('isolation of users', () => {
  it('covers every route', async () => {
    expect(routesOf(await start()).sort()).toEqual([...Object.keys(ROWS), ...Object.keys(GUEST_ROWS), ...OPEN].sort());
  });

  it.each(Object.entries(ROWS))('keeps %s private', async (_route, { ask, forOthers }) => {
    const all = await setUp();
    const { server, ada, owned } = all;
    for (const [what, token] of await strangers(all)) {
      const answer = await ask(new Peer(server, token), owned, {});
      expect([what, answer.status]).toEqual([what, 401]);
      expect(answer.json).toEqual({
        error: expect.stringMatching(/^(unauthorized|token_expired)$/),
        message: expect.any(String),
      });
    }
    const bob = await peer(server, 'bob');
    const bobs = await ask(bob, owned, {});
    expect(bobs.status).toBe(forOthers === '404' ? 404 : 200);
    expect(JSON.stringify(bobs.json)).not.toContain(owned.batchId);
    expect(server.batches.list('ada').map(({ batchId }) => batchId)).toEqual([owned.batchId]);
    expect((await ada.status(owned.uploadId)).json.received).toEqual([[0, 1]]);
    expect(await ada.download(owned.batchId)).toBe('owned');
    expect(JSON.stringify(bobs.json)).not.toContain(owned.deviceId);
    expect(await server.auth.refreshTokens.isActive(owned.deviceId)).toBe(true);
    expect((await ada.get('/guest-links')).json.guest_links).toHaveLength(1);
  });

  it.each(Object.entries(GUEST_ROWS))('admits to %s only guests', async (_route, ask) => {
    const all = await setUp();
    const { server, ada, owned, guestToken } = all;
    for (const [what, token] of [...(await strangers(all)), ['the token of the owner', ada.token] as const]) {
      if (token === guestToken) continue;
      const answer = await ask(new Peer(server, token), owned, {});
      expect([what, refusal(answer)]).toEqual([what, '401 unauthorized']);
    }
    const guests = await ask(new Peer(server, guestToken), owned, {});
    expect(guests.status).not.toBe(401);
    expect(JSON.stringify(guests.json)).not.toContain(owned.batchId);
    expect((await ada.status(owned.uploadId)).json.received).toEqual([[0, 1]]);
    expect((await ada.send('DELETE', `/guest-links/${owned.guestLinkId}`)).status).toBe(204);
    expect(refusal(await ask(new Peer(server, guestToken), owned, {}))).toBe('401 unauthorized');
  });

  it.each(Object.entries(ROWS))('accepts no foreign ticket for %s', async (route, { ask }) => {
    const all = await setUp();
    const { server, owned } = all;
    const bob = await peer(server, 'bob');
    const { ticket: bobs } = (await bob.chunk(0, 'bobs')).json;
    const isForTickets = route === 'POST /api/batches/upload-chunk';
    const bare = new Peer(server, null);
    const stale = new Peer(server, await server.issueToken('bob', -1));
    for (const caller of [bare, stale]) {
      expect((await ask(caller, owned, { ticket: bobs })).status).toBe(401);
      expect((await ask(caller, owned, { ticket: `${owned.ticket}x` })).status).toBe(401);
    }
    expect((await ask(bare, owned, { ticket: owned.ticket })).status).toBe(isForTickets ? 200 : 401);
    // A ticket does not widen a valid token, and does not replace a forged one.
    if (isForTickets) expect((await ask(bob, owned, { ticket: owned.ticket })).status).toBe(404);
    const forged = (await strangers(all)).filter(([what]) => /signed|signature|audience|issuer/.test(what));
    expect(forged).toHaveLength(4);
    for (const [, token] of forged) {
      expect((await ask(new Peer(server, token), owned, { ticket: owned.ticket })).status).toBe(401);
    }
  });
});

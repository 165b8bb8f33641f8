import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { UploadServer } from '../../../../src/server/server.ts';
import { type ApiResponse, folder, form, Peer, peer, start } from '../peer.ts';

const NAME = 'parallel-chunk-uploader';

/** An unfinished upload and a batch of ada. */
interface Owned {
  readonly uploadId: string;
  readonly ticket: string;
  readonly batchId: string;
}

/** The response to another signed-in user: 404, or that user's own uploads. */
type ForOthers = '404' | 'own';

interface Row {
  readonly ask: (caller: Peer, owned: Owned, fields: Record<string, string>) => Promise<ApiResponse>;
  readonly forOthers: ForOthers;
}

const file = () => new Blob(['x']);
const get = (path: (owned: Owned) => string, forOthers: ForOthers = '404'): Row => ({
  ask: (caller, owned) => caller.get(path(owned)),
  forOthers,
});

/** Every route that requires a user. A new route needs a row here or in `OPEN`. */
const ROWS: Readonly<Record<string, Row>> = {
  'POST /api/batches/upload': {
    ask: (caller, _owned, fields) =>
      caller.send('POST', '/batches/upload', form({ upload_type: 'file', ...fields, file: file() })),
    forOthers: 'own',
  },
  'POST /api/batches/upload-bundle': {
    ask: (caller) => {
      const uploads = [{ idempotency_key: 'b', upload_type: 'file', filename: 'x', size_bytes: 1 }];
      const parts = { uploads: new Blob([JSON.stringify(uploads)]), bytes: file() };
      return caller.send('POST', '/batches/upload-bundle', form(parts));
    },
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
  'GET /api/batches/:id/files': get(({ batchId }) => `/batches/${batchId}/files`),
  'GET /api/batches/:id/files/:n': get(({ batchId }) => `/batches/${batchId}/files/0`),
  'GET /api/batches/:id/zip': get(({ batchId }) => `/batches/${batchId}/zip`),
};

/** Routes without a user: they reveal nothing, or require a code or a cookie. */
const OPEN = [
  'GET /api/health',
  'GET /api/ready',
  'POST /api/auth/session',
  'POST /api/auth/refresh',
  'POST /api/auth/sign-out',
];

async function setUp() {
  const dataDir = await folder();
  const server = await start({ dataDir });
  const ada = await peer(server, 'ada');
  const open = (await ada.chunk(0, 'owned')).json;
  const owned: Owned = {
    uploadId: open.upload_id,
    ticket: open.ticket,
    batchId: (await ada.direct('owned')).json.batch_id,
  };
  const { secret } = JSON.parse(await readFile(join(dataDir, 'auth.json'), 'utf8'));
  return { server, ada, owned, secret: Buffer.from(secret, 'base64url') };
}

/** Credentials of strangers. None of them is valid. */
async function strangers({ secret, owned }: Awaited<ReturnType<typeof setUp>>): Promise<[string, string | null][]> {
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
    expect(routesOf(await start()).sort()).toEqual([...Object.keys(ROWS), ...OPEN].sort());
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

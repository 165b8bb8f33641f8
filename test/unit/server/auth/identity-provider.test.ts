import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { Peer, refusal, start } from '../peer.ts';

const ISSUER = 'https://id.example/';
const AUDIENCE = 'uploads';

interface Claims {
  readonly typ?: string;
  readonly subject?: unknown;
  readonly others?: Record<string, unknown>;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string;
  readonly kid?: string;
}

const cleanUps: (() => unknown)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** Starts an identity provider on loopback: a key set over HTTP, and tokens signed with it. */
async function provider() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  let keys: object[] = [jwk];
  let isUp = true;
  let fetches = 0;
  const http = createHttp((_request, response) => {
    fetches++;
    response.writeHead(isUp ? 200 : 500, { 'Content-Type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => http.close());
  const jwksUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/keys`;
  const sign = (claims: Claims = {}, key: CryptoKey = privateKey) =>
    new SignJWT({ sub: (claims.subject ?? 'auth0|ada') as string, ...claims.others })
      .setProtectedHeader({ alg: 'RS256', kid: claims.kid ?? 'one', ...(claims.typ && { typ: claims.typ }) })
      .setIssuer(claims.issuer ?? ISSUER)
      .setAudience(claims.audience ?? AUDIENCE)
      .setExpirationTime(claims.expires ?? '5m')
      .sign(key);
  const goDown = () => {
    isUp = false;
  };
  /** Replaces the key by a new one of this name. Returns a signer for it. */
  const rotate = async (kid: string) => {
    const next = await generateKeyPair('RS256', { extractable: true });
    keys = [{ ...(await exportJWK(next.publicKey)), kid, alg: 'RS256', use: 'sig' }];
    return (claims: Claims = {}) => sign({ kid, ...claims }, next.privateKey);
  };
  return {
    sign,
    jwk,
    goDown,
    rotate,
    fetches: () => fetches,
    facts: { jwksUrl, issuer: ISSUER, audience: AUDIENCE, client: null },
  };
}

describe('token of an identity provider', () => {
  it('identifies the user by its subject', async () => {
    const { facts, sign } = await provider();
    const server = await start({ provider: facts });
    const ada = new Peer(server, await sign());
    const { batch_id } = (await ada.direct('x')).json;
    expect(await ada.download(batch_id)).toBe('x');
    expect(server.batches.list('auth0|ada').map(({ batchId }) => batchId)).toEqual([batch_id]);
  });

  it('refuses wrong issuers, audiences, keys, times and algorithms', async () => {
    const { facts, sign, jwk } = await provider();
    const server = await start({ provider: facts });
    const ask = async (token: string) => refusal(await new Peer(server, token).get('/batches'));
    const stranger = await generateKeyPair('RS256');
    // A server that used the public key as a shared secret would accept this signature.
    const confused = new SignJWT({}).setProtectedHeader({ alg: 'HS256', kid: 'one' }).setSubject('auth0|ada');
    const byPublicKey = await confused
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setExpirationTime('5m')
      .sign(Buffer.from(JSON.stringify(jwk)));
    const endless = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('ada')
      .sign(Buffer.from('a secret of a stranger'));
    expect(await ask(await sign({ issuer: 'https://other.example/' }))).toBe('401 unauthorized');
    expect(await ask(await sign({ audience: 'mail' }))).toBe('401 unauthorized');
    expect(await ask(await sign({ expires: '-1s' }))).toBe('401 token_expired');
    expect(await ask(await sign({ kid: 'two' }))).toBe('401 unauthorized');
    expect(await ask(await sign({}, stranger.privateKey))).toBe('401 unauthorized');
    for (const token of [byPublicKey, endless, 'x', 'a.b.c']) expect(await ask(token)).toBe('401 unauthorized');
    expect(await ask(await server.issueToken('auth0|ada'))).toBe('401 unauthorized');
  });

  it('removes the routes of the own sign-in', async () => {
    const { facts } = await provider();
    const visitor = new Peer(await start({ provider: facts }), null);
    for (const way of ['session', 'refresh', 'sign-out']) {
      const answer = await visitor.send('POST', `/auth/${way}`, '{}', { 'Content-Type': 'application/json' });
      expect(refusal(answer)).toBe('404 not_found');
    }
  });

  it.each([
    [null, { sign_in: 'none' }],
    [
      { id: 'app', scope: 'openid', resource: null },
      { sign_in: 'openid', issuer: ISSUER, client_id: 'app', scope: 'openid' },
    ],
    [
      { id: 'app', scope: 'openid', resource: 'https://api.example/' },
      { sign_in: 'openid', issuer: ISSUER, client_id: 'app', scope: 'openid', resource: 'https://api.example/' },
    ],
  ])('tells apps how to sign in, and lets them call the provider (%j)', async (client, expected) => {
    const { facts } = await provider();
    const visitor = new Peer(await start({ provider: { ...facts, client } }), null);
    const response = await visitor.get('/auth/config');
    expect(response.json).toEqual(expected);
    const policy = response.headers.get('Content-Security-Policy') ?? '';
    const allowed = /connect-src ([^;]*)/.exec(policy)?.[1]?.split(' ');
    expect(allowed).toEqual(client ? ["'self'", 'https://id.example'] : ["'self'"]);
  });

  it('responds 503 while the key set is not reachable', async () => {
    const { facts, sign, goDown } = await provider();
    const server = await start({ provider: facts });
    goDown();
    const response = await new Peer(server, await sign()).get('/batches');
    expect(refusal(response)).toBe('503 sign_in_unavailable');
    expect(response.headers.get('Retry-After')).toBe('5');
  });

  it('accepts a new key at once, and the old one no more', async () => {
    const { facts, sign, rotate } = await provider();
    const server = await start({ provider: facts });
    const ask = async (token: string) => (await new Peer(server, token).get('/batches')).status;
    const old = await sign();
    // The server loads the key set now. jose would not load it again for 30 s.
    expect(await ask(old)).toBe(200);
    const signNew = await rotate('two');
    expect(await ask(await signNew())).toBe(200);
    expect(await ask(old)).toBe(401);
  });

  it('fetches the keys of strangers 10 times, then responds 503 to them', async () => {
    const { facts, sign, fetches } = await provider();
    const server = await start({ provider: facts });
    const ask = async (kid: string) => refusal(await new Peer(server, await sign({ kid })).get('/batches'));
    for (let n = 0; n < 10; n++) expect(await ask(`guessed ${n}`)).toBe('401 unauthorized');
    for (let n = 0; n < 5; n++) expect(await ask(`flood ${n}`)).toBe('503 sign_in_unavailable');
    expect((await new Peer(server, await sign()).get('/batches')).status).toBe(200);
    expect(fetches()).toBe(11);
  });

  it.each<[string, Claims, number]>([
    ['an access token by its type', { typ: 'at+jwt' }, 200],
    ['an access token by its full type', { typ: 'application/at+jwt', others: { nonce: 'n' } }, 200],
    ['a plain JWT', { typ: 'JWT', others: { scope: 'upload', azp: 'app' } }, 200],
    ['an access token of Keycloak', { typ: 'JWT', others: { typ: 'Bearer', nonce: 'n' } }, 200],
    ['an access token of Cognito', { others: { token_use: 'access' } }, 200],
    ['an ID token with a nonce', { typ: 'JWT', others: { nonce: 'n' } }, 401],
    ['an ID token with the hash of an access token', { others: { at_hash: 'h' } }, 401],
    ['an ID token of Keycloak', { typ: 'JWT', others: { typ: 'ID' } }, 401],
    ['an ID token of Cognito', { others: { token_use: 'id' } }, 401],
    ['a logout token', { typ: 'logout+jwt' }, 401],
    ['a logout token without a type', { others: { events: {} } }, 401],
    ['a proof of possession', { typ: 'dpop+jwt' }, 401],
    ['an object as subject', { subject: { id: 'ada' } }, 401],
    ['a number as subject', { subject: 7 }, 401],
    ['a list as subject', { subject: ['ada'] }, 401],
    ['an empty subject', { subject: '' }, 401],
    ['a very long subject', { subject: 'a'.repeat(256) }, 401],
  ])('decides by type and claims: %s', async (_what, claims, status) => {
    const { facts, sign } = await provider();
    const server = await start({ provider: facts });
    expect((await new Peer(server, await sign(claims)).get('/batches')).status).toBe(status);
  });

  it.each([
    ['jwksUrl', 'http://id.example/keys'],
    ['jwksUrl', 'keys.json'],
    ['jwksUrl', 'http://localhost.example/keys'],
    ['issuer', 'http://id.example/'],
    ['issuer', 'id.example'],
  ])('needs https or this machine, and refuses %s %s', async (option, value) => {
    const { facts } = await provider();
    await expect(start({ provider: { ...facts, [option]: value } })).rejects.toThrow('must be an https URL');
  });
});

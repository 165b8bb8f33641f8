import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { Peer, refusal, start } from '../peer.ts';

const ISSUER = 'https://id.example/';
const AUDIENCE = 'uploads';

interface Claims {
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
  let isUp = true;
  const http = createHttp((_request, response) => {
    response.writeHead(isUp ? 200 : 500, { 'Content-Type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => http.close());
  const jwksUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/keys`;
  const sign = (claims: Claims = {}, key: CryptoKey = privateKey) =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: claims.kid ?? 'one' })
      .setSubject('auth0|ada')
      .setIssuer(claims.issuer ?? ISSUER)
      .setAudience(claims.audience ?? AUDIENCE)
      .setExpirationTime(claims.expires ?? '5m')
      .sign(key);
  const goDown = () => {
    isUp = false;
  };
  return { sign, jwk, goDown, facts: { jwksUrl, issuer: ISSUER, audience: AUDIENCE } };
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

  it('responds 503 while the key set is not reachable', async () => {
    const { facts, sign, goDown } = await provider();
    const server = await start({ provider: facts });
    goDown();
    expect(refusal(await new Peer(server, await sign()).get('/batches'))).toBe('503 sign_in_unavailable');
  });
});

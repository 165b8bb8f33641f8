import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { folder, Peer, refusal, start } from '../peer.ts';

const DAY_MS = 24 * 60 * 60_000;

/** An unfinished upload of ada, signed in with a link. */
async function setUp(dataDir?: string) {
  const server = await start({ ...(dataDir && { dataDir }) });
  const { token, cookie } = await signIn(server);
  const ada = new Peer(server, token);
  const { upload_id, ticket } = (await ada.chunk(0, 'one ', { idempotency_key: 'film' })).json;
  const bare = new Peer(server, null);
  const send = (index: number, fields: Record<string, string> = {}) =>
    bare.chunk(index, 'two ', { upload_id, ticket, idempotency_key: 'film', ...fields });
  return { server, ada, bare, cookie, upload_id, ticket, send };
}

async function signIn(server: Awaited<ReturnType<typeof start>>) {
  const code = new URL(await server.signInLink('ada')).hash.replace('#code=', '');
  const headers = { 'Content-Type': 'application/json' };
  const response = await new Peer(server, null).send('POST', '/auth/session', JSON.stringify({ code }), headers);
  return { token: response.json.token, cookie: response.headers.get('Set-Cookie')?.split(';')[0] ?? '' };
}

describe('upload ticket', () => {
  afterEach(() => vi.useRealTimers());

  it('authorizes the chunks of its session without a token', async () => {
    const { send, ada } = await setUp();
    expect((await send(1)).status).toBe(200);
    const { batch_id } = (await send(2)).json;
    expect(await ada.download(batch_id)).toBe('one two two ');
  });

  it('expires after 7 to 8 days', async () => {
    const { send } = await setUp();
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 7 * DAY_MS - 1000);
    expect((await send(1)).status).toBe(200);
    vi.setSystemTime(Date.now() + DAY_MS + 2000);
    expect(refusal(await send(2))).toBe('401 unauthorized');
  });

  it('ends with sign-out', async () => {
    const { send, bare, cookie } = await setUp();
    await bare.send('POST', '/auth/sign-out', '{}', { 'Content-Type': 'application/json', Cookie: cookie });
    expect(refusal(await send(1))).toBe('401 unauthorized');
  });

  it('tells nothing of another upload of the same user', async () => {
    const { send, ada } = await setUp();
    const { batch_id } = (await ada.direct('secret', { idempotency_key: 'other' })).json;
    const response = await send(1, { idempotency_key: 'other' });
    expect(refusal(response)).toBe('401 unauthorized');
    expect(JSON.stringify(response.json)).not.toContain(batch_id);
  });

  it.each([
    ['a later end', (ticket: string) => ticket.replace(/^\d+/, (day) => `${Number(day) + 1}`)],
    ['no sign-in', (ticket: string) => ticket.replace(/\.[^.]*\./, '..')],
    ['another signature', (ticket: string) => ticket.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['nothing else', () => ''],
  ])('is refused when it is changed to have %s', async (_what, change) => {
    const { send, ticket } = await setUp();
    expect((await send(1, { ticket: change(ticket) })).status).toBe(401);
  });

  it('is renewed for a chunk with a token, and not without', async () => {
    const { server, upload_id, ticket, send } = await setUp();
    const fields = { upload_id, ticket, idempotency_key: 'film' };
    const again = new Peer(server, (await signIn(server)).token);
    const { ticket: renewed } = (await again.chunk(1, 'two ', fields)).json;
    expect(renewed).not.toBe(ticket);
    expect((await again.chunk(1, 'two ', { ...fields, ticket: renewed })).json).not.toHaveProperty('ticket');
    expect((await send(1, { ticket: renewed })).json).not.toHaveProperty('ticket');
  });

  it('of an earlier server works for a day after the update', async () => {
    const dataDir = await folder();
    const secret = 'QmwRXq4u3D0XLUsBHbfyTeoXX4tbZYb_2KaqU56JSPI';
    await writeFile(join(dataDir, 'auth.json'), JSON.stringify({ secret, refresh: {} }));
    const { send, upload_id, server } = await setUp(dataDir);
    const key = Buffer.from(secret, 'base64url');
    const earlier = createHmac('sha256', key).update(`ticket ${upload_id}`).digest('base64url');
    expect((await send(1, { ticket: earlier })).status).toBe(200);
    const { earlierTicketsUntil } = JSON.parse(await readFile(join(dataDir, 'auth.json'), 'utf8'));
    expect(earlierTicketsUntil).toBeLessThanOrEqual(Date.now() + DAY_MS);
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + DAY_MS + 1000);
    expect((await send(1, { ticket: earlier })).status).toBe(401);
    expect(server.auth.tickets.verify({ id: upload_id, ownerId: 'ada' }, earlier)).toBeNull();
  });
});

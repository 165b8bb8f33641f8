import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ApiResponse, folder, form, type InspectedServer, Peer, peer, refusal, start } from '../peer.ts';

const DAY_MS = 24 * 60 * 60_000;
const JSON_TYPE = { 'Content-Type': 'application/json' };
const LIMITS = { name: 'Photos of the tour', max_files: 3, max_bytes: 100, days: 7 };

function createLink(owner: Peer, limits: object = LIMITS): Promise<ApiResponse> {
  return owner.send('POST', '/guest-links', JSON.stringify(limits), JSON_TYPE);
}

/** Sends the requests of a guest, below the base URL of guests. */
class Guest extends Peer {
  override send(method: string, path: string, body?: BodyInit, headers?: Record<string, string>) {
    return super.send(method, `/guest${path}`, body, headers);
  }

  part(index: number, bytes: string, fields: Record<string, string | number> = {}): Promise<ApiResponse> {
    const plan = { idempotency_key: 'film', total_chunks: 2, file_size: 8, chunk_offset: index * 4 };
    return this.chunk(index, bytes, { ...plan, ...fields });
  }
}

async function setUp(
  limits: object = LIMITS,
  options: { maxUserBytes?: number; guestRequestsPerMinute?: number } = {},
) {
  const dataDir = await folder();
  const server = await start({ dataDir, ...options });
  const ada = await peer(server);
  const { token, guest_link_id } = (await createLink(ada, limits)).json;
  return { dataDir, server, ada, token, guest_link_id, guest: new Guest(server, token) };
}

describe('guest link', () => {
  afterEach(() => vi.useRealTimers());

  it('brings a file in chunks to its owner', async () => {
    const { ada, guest } = await setUp();
    const first = await guest.part(0, 'from');
    expect(first.json).toEqual({
      upload_id: expect.any(String),
      received_ms: expect.any(Number),
      features: expect.arrayContaining(['idempotency_key', 'partial', 'status']),
      max_upload_bytes: expect.any(Number),
    });
    expect(first.json.features).not.toEqual(expect.arrayContaining(['bundle']));
    const { upload_id } = first.json;
    expect((await guest.status(upload_id)).json).toMatchObject({ received: [[0, 1]], total_chunks: 2 });
    const { batch_id } = (await guest.part(1, ' bob', { upload_id })).json;
    expect(await ada.download(batch_id)).toBe('from bob');
    expect((await guest.part(1, ' bob', { upload_id })).json.batch_id).toBe(batch_id);
    expect(await ada.batches()).toHaveLength(1);
  });

  it('brings a whole file to its owner, and tells the guest only the id', async () => {
    const { ada, guest } = await setUp();
    const { status, json } = await guest.direct('hello', { idempotency_key: 'k' });
    expect([status, Object.keys(json).sort()]).toEqual([
      200,
      ['batch_id', 'features', 'max_upload_bytes', 'received_ms'],
    ]);
    expect(await ada.download(json.batch_id)).toBe('hello');
  });

  it('tells guests its name and limits', async () => {
    const { guest } = await setUp();
    await guest.direct('hello', { idempotency_key: 'k' });
    expect((await guest.get('/link')).json).toEqual({
      ...{ name: 'Photos of the tour', recipient: '', max_files: 3, max_bytes: 100, files: 1, bytes: 5 },
      ...{ created_at: expect.any(String), expires_at: expect.any(String) },
    });
  });

  it('takes so many files and bytes, and not one more', async () => {
    const { ada, guest } = await setUp({ max_files: 2, max_bytes: 10, days: 1 });
    expect((await guest.direct('12345', { idempotency_key: 'a' })).status).toBe(200);
    expect(refusal(await guest.direct('123456', { idempotency_key: 'b' }))).toBe('422 guest_limit');
    expect(refusal(await guest.part(0, '1234', { idempotency_key: 'b' }))).toBe('422 guest_limit');
    expect((await guest.direct('1234', { idempotency_key: 'b' })).status).toBe(200);
    expect(refusal(await guest.direct('', { idempotency_key: 'c' }))).toBe('422 guest_limit');
    // The same uploads again take nothing.
    expect((await guest.direct('12345', { idempotency_key: 'a' })).status).toBe(200);
    expect(await ada.batches()).toHaveLength(2);
  });

  it('counts a key at its largest, and uploads that are aborted', async () => {
    const { guest } = await setUp({ max_files: 2, max_bytes: 10, days: 1 });
    await guest.direct('12345678', { idempotency_key: 'a' });
    await guest.direct('1', { idempotency_key: 'a' });
    expect(refusal(await guest.direct('123', { idempotency_key: 'b' }))).toBe('422 guest_limit');
    const small = { idempotency_key: 'b', file_size: 2, total_chunks: 2, chunk_offset: 0 };
    const { upload_id } = (await guest.part(0, '1', small)).json;
    expect((await guest.send('DELETE', `/batches/upload-chunk/${upload_id}`)).status).toBe(204);
    expect((await guest.get('/link')).json).toMatchObject({ files: 2, bytes: 10 });
  });

  it('keeps its limits when guests send at once', async () => {
    const { ada, guest } = await setUp({ max_files: 3, max_bytes: 100, days: 1 });
    const keys = Array.from({ length: 8 }, (_, n) => `key ${n}`);
    const all = await Promise.all(keys.map((idempotency_key) => guest.direct('x', { idempotency_key })));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(await ada.batches()).toHaveLength(3);
  });

  it('keeps its limits over a restart', async () => {
    const { dataDir, server, token, guest } = await setUp({ max_files: 1, max_bytes: 10, days: 1 });
    await guest.direct('x', { idempotency_key: 'a' });
    await server.close();
    const again = new Guest(await start({ dataDir }), token);
    expect(refusal(await again.direct('x', { idempotency_key: 'b' }))).toBe('422 guest_limit');
  });

  it('reaches no other upload of its owner', async () => {
    const { ada, guest, server } = await setUp();
    const other = new Guest(server, (await createLink(ada)).json.token);
    const own = (await ada.chunk(0, 'secr', { idempotency_key: 'film' })).json.upload_id;
    const { batch_id } = (await ada.direct('secret', { idempotency_key: 'k' })).json;
    const others = (await other.part(0, 'else')).json.upload_id;
    for (const id of [own, others]) {
      expect(refusal(await guest.status(id))).toBe('404 session_not_found');
      expect(refusal(await guest.send('DELETE', `/batches/upload-chunk/${id}`))).toBe('404 session_not_found');
      expect(refusal(await guest.part(1, 'more', { upload_id: id }))).toBe('404 session_not_found');
    }
    const second = (await guest.direct('mine', { idempotency_key: 'k' })).json;
    expect(second.batch_id).not.toBe(batch_id);
    expect((await ada.status(own)).json.received).toEqual([[0, 1]]);
  });

  it.each<[string, (guest: Guest) => Promise<ApiResponse>, string]>([
    ['a chunk without a key', (guest) => guest.chunk(0, 'x', { file_size: 1, chunk_offset: 0 }), 'idempotency_key'],
    ['a file without a key', (guest) => guest.direct('x'), 'idempotency_key'],
    ['a key that is too long', (guest) => guest.direct('x', { idempotency_key: 'k'.repeat(101) }), 'idempotency_key'],
    ['a chunk without a size', (guest) => guest.chunk(0, 'x', { idempotency_key: 'k', chunk_offset: 0 }), 'file_size'],
    ['a chunk without a place', (guest) => guest.chunk(0, 'x', { idempotency_key: 'k', file_size: 3 }), 'chunk_offset'],
  ])('refuses %s', async (_what, ask, field) => {
    const { guest } = await setUp();
    const response = await ask(guest);
    expect([refusal(response), response.json.field]).toEqual(['400 bad_field', field]);
  });

  it('tells guests its extensions, and a batch to whoever has its key', async () => {
    const { ada, guest, server } = await setUp();
    const { batch_id } = (await guest.direct('hello', { idempotency_key: 'k' })).json;
    await ada.direct('secret', { idempotency_key: 'own' });
    const other = new Guest(server, (await createLink(ada)).json.token);
    expect((await guest.get('/batches')).json).toEqual({
      batches: [],
      features: expect.arrayContaining(['file_size']),
      max_upload_bytes: LIMITS.max_bytes - 'hello'.length,
    });
    const find = async (by: Guest, key: string) => (await by.get(`/batches?idempotency_key=${key}`)).json.batches;
    expect(await find(guest, 'k')).toEqual([{ batch_id, idempotency_key: 'k' }]);
    expect(await find(guest, 'own')).toEqual([]);
    expect(await find(other, 'k')).toEqual([]);
  });

  it('limits the requests of its guests per minute, and of no other link', async () => {
    const { ada, server, token } = await setUp(LIMITS, { guestRequestsPerMinute: 2 });
    const other = new Guest(server, (await createLink(ada)).json.token);
    // Each guest has a browser of their own, and all of them share the limit.
    const guests = [1, 2, 3].map(() => new Guest(server, token));
    const responses = [];
    for (const guest of guests) responses.push(await guest.get('/link'));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(responses[2]?.json.error).toBe('too_many_requests');
    expect(Number(responses[2]?.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect((await other.get('/link')).status).toBe(200);
    expect((await ada.get('/guest-links')).status).toBe(200);
  });

  it('tells guests who receives their files', async () => {
    const { guest, ada, guest_link_id } = await setUp({ ...LIMITS, recipient: 'Ada Lovelace' });
    expect((await guest.get('/link')).json.recipient).toBe('Ada Lovelace');
    expect((await ada.get('/guest-links')).json.guest_links).toMatchObject([
      { guest_link_id, recipient: 'Ada Lovelace', name: LIMITS.name },
    ]);
  });

  it('of an earlier server has no recipient', async () => {
    const { dataDir, server, token, guest_link_id } = await setUp();
    await server.close();
    const path = join(dataDir, 'guest-links', `${guest_link_id}.json`);
    const { recipient: _, ...earlier } = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify(earlier));
    const again = await start({ dataDir });
    expect((await new Guest(again, token).get('/link')).json).toMatchObject({ name: LIMITS.name, recipient: '' });
  });

  it('ends after its days, and when it is revoked', async () => {
    const { ada, guest, guest_link_id, server } = await setUp();
    const revoked = (await createLink(ada)).json;
    expect((await ada.send('DELETE', `/guest-links/${revoked.guest_link_id}`)).status).toBe(204);
    const stranger = new Guest(server, revoked.token);
    expect(refusal(await stranger.direct('x', { idempotency_key: 'k' }))).toBe('401 unauthorized');
    const { upload_id } = (await guest.part(0, 'open')).json;
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 7 * DAY_MS + 1000);
    expect(refusal(await guest.part(1, 'late', { upload_id }))).toBe('401 unauthorized');
    expect(refusal(await guest.get('/link'))).toBe('401 unauthorized');
    const late = new Peer(server, await server.issueToken('ada'));
    expect((await late.get('/guest-links')).json.guest_links).toEqual([]);
    expect(refusal(await late.send('DELETE', `/guest-links/${guest_link_id}`))).toBe('404 guest_link_not_found');
  });

  it('lists what its guests have sent, without its token', async () => {
    const { ada, guest, token, guest_link_id, dataDir } = await setUp();
    await guest.direct('hello', { idempotency_key: 'k' });
    const { json } = await ada.get('/guest-links');
    expect(json.guest_links).toMatchObject([{ guest_link_id, max_files: 3, files: 1, bytes: 5 }]);
    const secret = token.split('.')[2];
    expect(JSON.stringify(json)).not.toContain(secret);
    expect(await readFile(join(dataDir, 'guest-links', `${guest_link_id}.json`), 'utf8')).not.toContain(secret);
  });

  it('stores nothing that exceeds the space of its owner', async () => {
    const { server, guest } = await setUp({ ...LIMITS, max_bytes: 10_000_000 }, { maxUserBytes: 3_000_000 });
    const send = (key: string) => guest.direct('x'.repeat(3_000_000), { idempotency_key: key });
    const { batch_id } = (await send('a')).json;
    const receive = vi.spyOn(server.storage.bytes, 'receive');
    const refused = await send('b');
    expect(refusal(refused)).toBe('429 quota_full');
    expect(refused.json.message).toBe('The recipient has no more space. Let them know.');
    expect(receive).not.toHaveBeenCalled();
    expect((await send('a')).json.batch_id).toBe(batch_id);
  });

  it.each([
    [{ ...LIMITS, max_files: 1001 }, 'max_files'],
    [{ ...LIMITS, max_files: 0 }, 'max_files'],
    [{ ...LIMITS, max_bytes: 1.5 }, 'max_bytes'],
    [{ ...LIMITS, days: 31 }, 'days'],
    [{ ...LIMITS, name: 'n'.repeat(201) }, 'name'],
    [{ ...LIMITS, recipient: 'n'.repeat(201) }, 'recipient'],
    [{}, 'max_files'],
  ])('is not created with %j', async (limits, field) => {
    const { ada } = await setUp();
    const response = await createLink(ada, limits);
    expect([refusal(response), response.json.field]).toEqual(['400 bad_field', field]);
  });

  it('is refused when a user has 50', async () => {
    const { ada } = await setUp();
    for (let n = 1; n < 50; n++) expect((await createLink(ada)).status).toBe(200);
    expect(refusal(await createLink(ada))).toBe('429 too_many_guest_links');
  });

  it('whose file is damaged is set aside at the start', async () => {
    const { dataDir, server, token, guest_link_id } = await setUp();
    await server.close();
    await writeFile(join(dataDir, 'guest-links', `${guest_link_id}.json`), '{"version":1}');
    const again = await start({ dataDir });
    expect(refusal(await new Guest(again, token).get('/link'))).toBe('401 unauthorized');
    expect(await readdir(join(dataDir, 'damaged'))).toHaveLength(1);
  });
});

describe('token of a guest', () => {
  const ask = (server: InspectedServer, token: string, path: string) => new Guest(server, token).send('POST', path);

  it.each(['', 'guessed', 'guest..', 'guest.a.b'])('is refused if it is %j', async (token) => {
    const { server } = await setUp();
    expect(refusal(await ask(server, token, '/batches/upload'))).toBe('401 unauthorized');
  });

  it('is not the token of a user, another link or a ticket', async () => {
    const { server, ada, token } = await setUp();
    const { token: other } = (await createLink(ada)).json;
    const { ticket, upload_id } = (await ada.chunk(0, 'x', { idempotency_key: 'k' })).json;
    const mixed = [token.split('.')[1], other.split('.')[2]].join('.');
    for (const wrong of [ada.token ?? '', `guest.${mixed}`, ticket]) {
      expect(refusal(await ask(server, wrong, '/batches/upload'))).toBe('401 unauthorized');
    }
    const withTicket = form({ upload_id, ticket, idempotency_key: 'k', chunk: new Blob(['x']) });
    const response = await new Guest(server, null).send('POST', '/batches/upload-chunk', withTicket);
    expect(refusal(response)).toBe('401 unauthorized');
  });
});

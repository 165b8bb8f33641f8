import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSignInLink, listUsers } from '../../../../src/server/admin.ts';
import { toSignInUrl } from '../../../../src/server/auth/sign-in-links.ts';
import { folder, refusal, start } from '../peer.ts';
import { createCode, SignInClient } from './sign-in-client.ts';

const MINUTE_MS = 60_000;
const NAME = 'a name of 16 or more';

async function setUp() {
  const dataDir = await folder();
  const server = await start({ dataDir });
  return { dataDir, server, browser: new SignInClient(server), other: new SignInClient(server) };
}

function pass(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(Date.now() + ms);
}

describe('sign-in link', () => {
  afterEach(() => vi.useRealTimers());

  it('lives 15 minutes', async () => {
    const { server, browser, other } = await setUp();
    const [first, second] = [createCode(server, 'ada'), createCode(server, 'ada')];
    pass(15 * MINUTE_MS - 1000);
    expect((await browser.session(first)).json.user_id).toBe('ada');
    pass(2000);
    expect(refusal(await other.session(second))).toBe('401 bad_code');
  });

  it('works again for 10 minutes in the browser that has its cookie', async () => {
    const { server, browser, other } = await setUp();
    const code = createCode(server, 'ada');
    await browser.session(code);
    pass(9 * MINUTE_MS);
    expect((await browser.session(code)).json.user_id).toBe('ada');
    expect(refusal(await other.session(code))).toBe('401 bad_code');
    expect((await browser.refresh()).json.user_id).toBe('ada');
    pass(2 * MINUTE_MS);
    expect(refusal(await browser.session(code))).toBe('401 bad_code');
    expect((await browser.refresh()).json.user_id).toBe('ada');
  });

  it('works again by the name of the browser until the cookie comes back', async () => {
    const { server, browser, other } = await setUp();
    const code = createCode(server, 'ada');
    await browser.session(code, NAME);
    // The response with the cookie is lost.
    browser.cookie = '';
    expect(refusal(await other.session(code, 'another name of it'))).toBe('401 bad_code');
    expect(refusal(await other.session(code))).toBe('401 bad_code');
    expect((await browser.session(code, NAME)).json.user_id).toBe('ada');
    expect((await browser.refresh()).status).toBe(200);
    other.cookie = '';
    expect(refusal(await other.session(code, NAME))).toBe('401 bad_code');
    expect(await server.auth.refreshTokens.list('ada')).toHaveLength(1);
  });

  it('does not work again after sign-out', async () => {
    const { server, browser } = await setUp();
    const code = createCode(server, 'ada');
    await browser.session(code, NAME);
    await browser.signOut();
    expect(refusal(await browser.session(code, NAME))).toBe('401 bad_code');
  });

  it('survives a restart, and is stored without its code', async () => {
    const { server, dataDir } = await setUp();
    const { code, saved } = server.auth.links.create('ada');
    await saved;
    const [name = ''] = await readdir(join(dataDir, 'links'));
    expect(name + (await readFile(join(dataDir, 'links', name), 'utf8'))).not.toContain(code);
    await server.close();
    const again = new SignInClient(await start({ dataDir }));
    expect((await again.session(code)).json.user_id).toBe('ada');
  });

  it('is removed when it is over, and when a user has more than 20', async () => {
    const { server, dataDir, browser } = await setUp();
    const first = createCode(server, 'ada');
    pass(1000);
    for (let n = 0; n < 20; n++) await server.auth.links.create('ada').saved;
    expect(await readdir(join(dataDir, 'links'))).toHaveLength(20);
    expect(refusal(await browser.session(first))).toBe('401 bad_code');
    pass(16 * MINUTE_MS);
    await server.auth.links.create('bob').saved;
    expect(await readdir(join(dataDir, 'links'))).toHaveLength(1);
  });

  it('whose file is damaged is set aside', async () => {
    const { server, dataDir, browser } = await setUp();
    const { code, saved } = server.auth.links.create('ada');
    await saved;
    const [name = ''] = await readdir(join(dataDir, 'links'));
    await writeFile(join(dataDir, 'links', name), '{"version":1,');
    expect(refusal(await browser.session(code))).toBe('401 bad_code');
    expect(await readdir(join(dataDir, 'links'))).toEqual([]);
    expect(await readdir(join(dataDir, 'damaged'))).toHaveLength(1);
    expect((await browser.session(createCode(server, 'ada'))).status).toBe(200);
  });

  it.each(['', ' ada', 'a'.repeat(201), 'a\nb', 'a\u202eb'])('belongs to no user named %j', async (userId) => {
    const { server } = await setUp();
    expect(() => server.signInLink(userId)).toThrow('A user id has 1 to 200 characters');
  });

  it('refuses a browser name that is too short', async () => {
    const { server, browser } = await setUp();
    expect(refusal(await browser.session(createCode(server, 'ada'), 'short'))).toBe('400 bad_field');
  });
});

describe('administration of a running server', () => {
  it('creates links for several users, and lists them', async () => {
    const { dataDir, browser, other } = await setUp();
    expect(await listUsers(dataDir)).toEqual([]);
    const { code, expiresAt } = await createSignInLink(dataDir, 'bob');
    expect(expiresAt).toBeGreaterThan(Date.now());
    expect(await listUsers(dataDir)).toEqual([{ userId: 'bob', devices: 0, lastUsedAt: null, openLinks: 1 }]);
    expect((await browser.session(code)).json.user_id).toBe('bob');
    await other.session((await createSignInLink(dataDir, 'bob')).code);
    await new SignInClient(browser.server).session((await createSignInLink(dataDir, 'ada')).code);
    expect(await listUsers(dataDir)).toMatchObject([
      { userId: 'ada', devices: 1, lastUsedAt: expect.any(Number), openLinks: 0 },
      { userId: 'bob', devices: 2, openLinks: 0 },
    ]);
  });

  it('refuses a missing folder', async () => {
    const missing = join(await folder(), 'missing');
    await expect(createSignInLink(missing, 'ada')).rejects.toThrow('ENOENT');
    await expect(readdir(missing)).rejects.toThrow('ENOENT');
  });

  it('forms a URL under any path', () => {
    expect(toSignInUrl('https://a.example/up/', 'c-1')).toBe('https://a.example/up/#code=c-1');
    expect(toSignInUrl('https://a.example/up', 'c-1')).toBe('https://a.example/up/#code=c-1');
    expect(toSignInUrl('http://localhost:4173', 'c-1')).toBe('http://localhost:4173/#code=c-1');
  });
});

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashSecret } from '../../../../src/server/ids.ts';
import { AuthFile } from '../../../../src/server/store/folder/auth-file.ts';
import { DamagedFiles } from '../../../../src/server/store/folder/damaged-files.ts';
import { FolderRefreshTokens } from '../../../../src/server/store/folder/folder-refresh-tokens.ts';
import { folder } from '../peer.ts';

const SECRET = 'QmwRXq4u3D0XLUsBHbfyTeoXX4tbZYb_2KaqU56JSPI';
const DAY_MS = 24 * 60 * 60_000;

async function openWith(content: string) {
  const dataDir = await folder();
  await writeFile(join(dataDir, 'auth.json'), content);
  const logged: string[] = [];
  const log = { error: (_facts: unknown, message: string) => void logged.push(message) };
  const open = () => AuthFile.open(dataDir, new DamagedFiles(dataDir, log));
  return { dataDir, logged, open };
}

const readStored = async (dataDir: string) => JSON.parse(await readFile(join(dataDir, 'auth.json'), 'utf8'));

describe('auth.json', () => {
  it('has a version and no token', async () => {
    const dataDir = await folder();
    const { token } = await new FolderRefreshTokens(await AuthFile.open(dataDir)).create('ada');
    expect(await readStored(dataDir)).toMatchObject({ version: 1 });
    expect(await readFile(join(dataDir, 'auth.json'), 'utf8')).not.toContain(token);
  });

  it('keeps families over a restart', async () => {
    const dataDir = await folder();
    const { token, familyId } = await new FolderRefreshTokens(await AuthFile.open(dataDir)).create('ada');
    const reopened = new FolderRefreshTokens(await AuthFile.open(dataDir));
    expect(await reopened.isActive(familyId)).toBe(true);
    expect(await reopened.rotate([token])).toMatchObject({ kind: 'rotated', userId: 'ada' });
  });

  it('migrates the tokens of a server without a format version', async () => {
    const expiresAt = Date.now() + 20 * DAY_MS;
    const record = (name: string, facts: object) => [hashSecret(name), { userId: 'ada', expiresAt, ...facts }];
    const refresh = Object.fromEntries([
      record('a1', { family: 'a', follows: null, expiresAt: Date.now() + 20_000 }),
      record('a2', { family: 'a', follows: hashSecret('a1') }),
      record('a3', { family: 'a', follows: hashSecret('a2') }),
      record('b1', { family: 'b', follows: null, userId: 'bob' }),
      record('old', { family: 'old', follows: null, expiresAt: Date.now() - 1 }),
      record('first version', {}),
    ]);
    const { open, dataDir, logged } = await openWith(JSON.stringify({ secret: SECRET, refresh }));
    const file = await open();
    const tokens = new FolderRefreshTokens(file);
    expect(logged).toEqual([]);
    expect(Buffer.from(file.secret).toString('base64url')).toBe(SECRET);
    expect(await readStored(dataDir)).toMatchObject({ version: 1, secret: SECRET });
    expect(await tokens.list('ada')).toHaveLength(2);
    for (const [token, userId] of [
      ['a3', 'ada'],
      ['a1', 'ada'],
      ['b1', 'bob'],
      ['first version', 'ada'],
    ] as const) {
      expect(await tokens.rotate([token])).toMatchObject({ kind: 'rotated', userId });
    }
    expect(await tokens.rotate(['old'])).toEqual({ kind: 'unknown' });
    await tokens.revoke(['a2']);
    expect(await tokens.rotate(['a3'])).toEqual({ kind: 'unknown' });
    expect(await tokens.rotate(['b1'])).toMatchObject({ kind: 'rotated' });
  });

  it.each([
    ['cut JSON', '{"version":1,"secr'],
    ['an empty file', ''],
    ['a list', '[]'],
    ['no secret', '{"version":1,"families":{},"earlierTicketsUntil":0}'],
    ['a short secret', '{"secret":"x","refresh":{}}'],
    ['wrong families', `{"version":1,"secret":"${SECRET}","families":{"a":{}},"earlierTicketsUntil":0}`],
  ])('sets a damaged file aside, names it and starts: %s', async (_what, content) => {
    const { open, dataDir, logged } = await openWith(content);
    const tokens = new FolderRefreshTokens(await open());
    expect(await tokens.rotate([(await tokens.create('ada')).token])).toMatchObject({ kind: 'rotated' });
    const [kept = ''] = await readdir(join(dataDir, 'damaged'));
    expect(await readFile(join(dataDir, 'damaged', kept, 'auth.json'), 'utf8')).toBe(content);
    expect(logged).toEqual([
      expect.stringMatching(/^auth\.json is damaged: .+\. It was moved to damaged\/.+auth\.json\./),
    ]);
    expect(await readStored(dataDir)).toMatchObject({ version: 1 });
  });

  it('refuses the file of a newer server, and leaves it', async () => {
    const content = `{"version":2,"secret":"${SECRET}"}`;
    const { open, dataDir } = await openWith(content);
    await expect(open()).rejects.toThrow('auth.json has version 2, of a newer server');
    expect(await readFile(join(dataDir, 'auth.json'), 'utf8')).toBe(content);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdSharedFiles, isShareRequest } from '../../../../sw/background/share.ts';
import { DriverFixture } from '../driver-fixture.ts';

/** A request of the share target with files of these sizes, in bytes. */
function createRequest(sizes: readonly number[], texts: Readonly<Record<string, string>> = {}): Request {
  const body = new FormData();
  for (const [name, text] of Object.entries(texts)) body.append(name, text);
  for (const size of sizes) body.append('files', new File([new Uint8Array(size)], `${size}.bin`));
  return new Request('/share', { method: 'POST', body });
}

describe('holdSharedFiles', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.open();
  });

  afterEach(() => fixture.close());

  it('holds the files with their text and queues nothing', async () => {
    const { db } = fixture;
    const request = createRequest([1, 2], { title: 'North', text: '', url: 'https://example.com' });
    expect(await holdSharedFiles(db, request)).toBe('held');
    const [share] = await db.shares.list('ada');
    expect(share).toMatchObject({ ownerId: 'ada', text: 'North https://example.com', uploadIds: null });
    expect(share?.files.map(({ name, size }) => [name, size])).toEqual([
      ['1.bin', 1],
      ['2.bin', 2],
    ]);
    expect(await db.list('ada')).toEqual([]);
  });

  it('holds nothing for shared text without files', async () => {
    expect(await holdSharedFiles(fixture.db, createRequest([], { text: 'words' }))).toBe('nothing');
    expect(await fixture.db.shares.list('ada')).toEqual([]);
  });

  it('refuses a share beyond the limit', async () => {
    for (let n = 0; n < 10; n++) expect(await holdSharedFiles(fixture.db, createRequest([1]))).toBe('held');
    expect(await holdSharedFiles(fixture.db, createRequest([1]))).toBe('full');
  });

  it('refuses a form of another origin', async () => {
    const foreign = { origin: 'https://evil.example' };
    const bySender = createRequest([1]);
    Object.defineProperty(bySender, 'headers', { value: new Headers(foreign) });
    const byReferrer = createRequest([1]);
    Object.defineProperty(byReferrer, 'referrer', { value: 'https://evil.example/page' });
    expect(await holdSharedFiles(fixture.db, bySender)).toBe('refused');
    expect(await holdSharedFiles(fixture.db, byReferrer)).toBe('refused');
    expect(await fixture.db.shares.list('ada')).toEqual([]);
  });
});

describe('isShareRequest', () => {
  it('is true for POST requests to the share path below the scope', () => {
    const request = (url: string, method = 'POST') => new Request(url, { method });
    expect(isShareRequest(request('https://a.example/up/share?x'), 'https://a.example/up/')).toBe(true);
    expect(isShareRequest(request('https://a.example/up/share', 'GET'), 'https://a.example/up/')).toBe(false);
    expect(isShareRequest(request('https://a.example/share'), 'https://a.example/up/')).toBe(false);
  });
});

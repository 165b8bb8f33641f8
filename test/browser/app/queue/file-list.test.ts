import { afterEach, describe, expect, it } from 'vitest';
import { loadPreferredLanguage } from '../../../../src/app/i18n/catalogue.ts';
import '../../../../src/app/queue/file-list.ts';
import type { FileList } from '../../../../src/app/queue/file-list.ts';
import type { FileSource } from '../../../../src/app/queue/paged-files.ts';

const COUNT = 100_000;

describe('file-list', () => {
  afterEach(() => document.body.replaceChildren());

  async function show(source: FileSource): Promise<{ list: FileList; rows: () => HTMLElement[] }> {
    await loadPreferredLanguage();
    const list = Object.assign(document.createElement('file-list') as FileList, { source, label: 'Files' });
    document.body.append(list);
    return { list, rows: () => [...list.renderRoot.querySelectorAll('li')] };
  }

  it('renders and reads only the part of 100,000 files in view', async () => {
    const reads: number[] = [];
    const { list, rows } = await show({
      count: COUNT,
      read: async (from, to) => {
        reads.push(from);
        return Array.from({ length: to - from }, (_, n) => ({ name: `${from + n}.jpg`, sizeBytes: 1 }));
      },
    });
    await expect.poll(() => rows()[0]?.textContent).toContain('0.jpg');
    const scroll = list.renderRoot.querySelector('.scroll');
    scroll?.scrollTo(0, scroll.scrollHeight / 2);
    await expect.poll(() => Number(rows()[0]?.dataset.index)).toBeGreaterThan(COUNT / 4);
    await expect.poll(() => rows()[0]?.textContent).toMatch(/\d+\.jpg/);
    expect(rows().length).toBeLessThan(100);
    expect(rows()[0]?.getAttribute('aria-setsize')).toBe(String(COUNT));
    expect(reads.length).toBeLessThan(10);
  });

  it('reads files again until their digests are known', async () => {
    let reads = 0;
    const { list, rows } = await show({
      count: 1,
      read: async () => [{ name: 'a.jpg', path: 'trip/a.jpg', sizeBytes: 1, sha256: reads++ > 0 ? 'f00d' : null }],
    });
    await expect.poll(() => rows()[0]?.textContent).toContain('being calculated');
    expect(rows()[0]?.textContent).toContain('trip/a.jpg');
    await expect.poll(() => rows()[0]?.textContent).toContain('f00d');
    const download = new Promise((resolve) => list.addEventListener('download', resolve, { once: true }));
    list.renderRoot.querySelector('button')?.click();
    expect(await download).toMatchObject({ detail: { index: 0, name: 'a.jpg' } });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import type { Fault } from '../../fixtures/server-faults.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { readAccessToken } from '../../page-objects/browser-db.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 256 * 1024;

describe('security of page and worker', () => {
  const fixture = withApp();
  let refusal: Fault | undefined;
  const urls: string[] = [];

  beforeEach(() => {
    fixture.server.faults.before = ({ url }) => {
      urls.push(url);
      return url.endsWith('/batches/upload') ? refusal : undefined;
    };
  });

  afterEach(() => {
    refusal = undefined;
  });

  it('keeps the access token out of URLs, messages, logs and markup', async () => {
    const console: string[] = [];
    fixture.app.context.on('console', (message) => console.push(message.text()));
    await fixture.app.context.addInitScript(listen);
    const file = await makeFile(fixture.folder.dir, 'secret.bin', 20 * CHUNK);
    const tab = await fixture.app.signIn('ada', { chunkBytes: CHUNK });
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    const token = await readAccessToken(tab);
    expect(token?.length).toBeGreaterThan(50);
    const heard = await tab.evaluate(() => ({
      messages: sessionStorage.getItem('heard') ?? '',
      violations: sessionStorage.getItem('violations') ?? '',
      kept: JSON.stringify({ ...localStorage }) + document.cookie + location.href,
    }));
    const shown = await tab.evaluate(shownMarkup);
    expect(shown).toContain(file.name);
    expect(heard.violations).toBe('');
    expect(heard.messages).toContain('"progress"');
    for (const text of [...urls, ...console, ...Object.values(heard), shown]) expect(text).not.toContain(token);
    expect(console.filter((text) => /content security policy/i.test(text))).toEqual([]);
  });

  it('renders a file name as text, never as markup', async () => {
    // Without quotes: a form cannot hold them in a name, and browsers send %22 instead.
    const name = '<img src=x onerror=alert(1)><b>bold<b>.bin';
    const file = await makeFile(fixture.folder.dir, name, 9);
    const tab = await fixture.app.signIn('bob');
    await queueFiles(tab, [file.path]);
    const [row] = await waitForRows(tab, 1, isCompleted);
    expect(row?.name).toBe(name);
    expect(await tab.locator('upload-row img, upload-row b').count()).toBe(0);
    expect(fixture.server.batches.list('bob')[0]?.files[0]?.name).toBe(name);
  });

  it('renders a server message as text, never as markup', async () => {
    const said = '<img src=x onerror=alert(1)><b>No</b>';
    refusal = { kind: 'status', status: 403, message: said };
    const file = await makeFile(fixture.folder.dir, 'refused.bin', 9);
    const tab = await fixture.app.signIn('dora');
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ status }) => status === 'failed');
    await tab.locator('upload-row').getByText(said).first().waitFor();
    expect(await tab.locator('upload-row img, upload-row b').count()).toBe(0);
  });

  it('deletes credentials that were issued for another server', async () => {
    const tab = await fixture.app.signIn('cleo');
    expect(await readAccessToken(tab)).not.toBeNull();
    const settings = JSON.stringify({ endpoint: 'https://elsewhere.example/api' });
    await tab.evaluate((text) => localStorage.setItem('uploader-settings', text), settings);
    await tab.reload();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    expect(await readAccessToken(tab)).toBeNull();
  });
});

/** The markup of the page with all shadow roots. Runs in the page. */
function shownMarkup(): string {
  const roots: (Element | ShadowRoot)[] = [document.documentElement];
  // The loop extends the array that it iterates.
  for (const root of roots) {
    for (const { shadowRoot } of root.querySelectorAll('*')) if (shadowRoot) roots.push(shadowRoot);
  }
  return roots.map(({ innerHTML }) => innerHTML).join();
}

/** Records messages of the worker and of other tabs, and policy violations. Runs in the page. */
function listen(): void {
  const note = (key: string, value: unknown) =>
    sessionStorage.setItem(key, `${sessionStorage.getItem(key) ?? ''}${JSON.stringify(value)}\n`);
  navigator.serviceWorker?.addEventListener('message', ({ data }) => note('heard', data));
  new BroadcastChannel('uploader-tabs').addEventListener('message', ({ data }) => note('heard', data));
  document.addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
    note('violations', violatedDirective),
  );
}

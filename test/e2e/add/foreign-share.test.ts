import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { type ForeignSite, startForeignSite } from '../../fixtures/foreign-site.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, TestApp, waitForRows } from '../../page-objects/test-app.ts';

describe('a website that posts a form to the share target', () => {
  const fixture = withApp();
  let site: ForeignSite;

  beforeAll(async () => {
    site = await startForeignSite(`${fixture.server.url()}/share`);
  });

  afterAll(() => site.close());

  /** Opens the site in a tab, which its form then sends to the app. */
  async function visit(tab: Page, policy: ReferrerPolicy): Promise<void> {
    const sent = tab.waitForURL(`${fixture.server.url()}/**`);
    await tab.goto(site.url(policy), { waitUntil: 'commit' });
    await sent;
  }

  it('refuses a form of a website whose origin the request names', async () => {
    const tab = await fixture.app.signIn('plain');
    for (const policy of ['', 'origin', 'unsafe-url'] as const) {
      await visit(tab, policy);
      await tab.getByText('Another website tried to add files. Nothing was added.').waitFor();
      await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
      expect(await tab.getByText('planted.txt').count()).toBe(0);
    }
  });

  it('sends nothing of a website that hides its origin without the user', async () => {
    const user = 'victim';
    const own = await makeFile(fixture.folder.dir, 'own.bin', 1000);
    const tab = await fixture.app.signIn(user);
    await visit(tab, 'no-referrer');
    await tab.getByText('planted.txt').waitFor();
    await tab.getByText('words of the website').waitFor();
    // Everything that makes waiting uploads continue.
    await fixture.app.context.setOffline(true);
    await queueFiles(tab, [own.path]);
    await tab.getByRole('button', { name: 'Pause all' }).click();
    await tab.getByRole('button', { name: 'Resume all' }).click();
    await fixture.app.context.setOffline(false);
    await waitForRows(tab, 1, isCompleted);
    await dispatchSync(tab);
    await fixture.app.killWorker(tab);
    await tab.reload();
    const other = await fixture.app.openTab();
    for (const each of [tab, other]) {
      await waitForRows(each, 1, isCompleted);
      await each.getByText('planted.txt').waitFor();
    }
    expect(fixture.server.batches.list(user).map(({ files }) => files[0]?.name)).toEqual(['own.bin']);
    await tab.getByRole('button', { name: 'Discard' }).click();
    for (const each of [tab, other]) await each.getByText('planted.txt').waitFor({ state: 'detached' });
  });

  it('sends nothing of a website at the next sign-in after a restart', async () => {
    const user = 'absent';
    const own = await makeFile(fixture.folder.dir, 'later.bin', 1000);
    const first = await TestApp.launch(fixture.server);
    const tab = await first.signIn(user);
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    await visit(tab, 'no-referrer');
    await tab.getByText('planted.txt').waitFor();
    const app = await TestApp.launch(fixture.server, await first.kill());
    const back = await app.signIn(user);
    await back.getByText('planted.txt').waitFor();
    await queueFiles(back, [own.path]);
    await waitForRows(back, 1, isCompleted);
    expect(fixture.server.batches.list(user).map(({ files }) => files[0]?.name)).toEqual(['later.bin']);
    await app.close();
  });
});

/** Fires a sync event, as the browser does when the network returns. */
async function dispatchSync(tab: Page): Promise<void> {
  const devtools = await tab.context().newCDPSession(tab);
  const registration = new Promise<string>((resolve) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => {
      if (first) resolve(first.registrationId);
    });
  });
  await devtools.send('ServiceWorker.enable');
  const origin = new URL(tab.url()).origin;
  const event = { origin, registrationId: await registration, tag: 'upload-sync-0', lastChance: false };
  await devtools.send('ServiceWorker.dispatchSyncEvent', event);
  await devtools.detach();
}

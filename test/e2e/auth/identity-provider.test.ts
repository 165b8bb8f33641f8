import { decodeJwt } from 'jose';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parsePublicUrl } from '../../../src/server/http/public-url.ts';
import { makeFile } from '../../fixtures/files.ts';
import { startIdentityProvider, type TestProvider } from '../../fixtures/identity-provider.ts';
import { downloadedSha256, until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { expectNoAxeViolations } from '../../page-objects/axe.ts';
import { readAccessToken } from '../../page-objects/browser-db.ts';
import { enterName, signInAtProvider, signOutAtProvider } from '../../page-objects/provider-pages.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const CHUNK = 256 * 1024;

describe('sign-in at an identity provider, in an app under a path', () => {
  let provider: TestProvider;

  beforeAll(async () => {
    provider = await startIdentityProvider();
  });

  const fixture = withApp({
    browser: 'own',
    server: () => ({ provider: provider.facts, publicUrl: parsePublicUrl('http://127.0.0.1/up/') }),
  });
  const appUrl = () => `${fixture.server.url()}/up/`;

  beforeAll(() => provider.allow(appUrl()));

  afterEach(() => {
    Object.assign(provider, { accessTokenSeconds: 300, refusesResource: false });
  });

  afterAll(() => provider?.close());

  /** Opens the app signed out. */
  async function open(): Promise<Page> {
    await fixture.app.context.clearCookies();
    const tab = await fixture.app.context.newPage();
    await tab.goto(appUrl());
    await tab.evaluate(() => localStorage.setItem('uploader-settings', JSON.stringify({ chunkBytes: 256 * 1024 })));
    await tab.reload();
    await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
    return tab;
  }

  async function expectFile(token: string, name: string, sha256: string): Promise<void> {
    const [batch] = fixture.server.batches.list(name);
    expect(await downloadedSha256(`${fixture.server.url()}/api`, token, batch?.batchId ?? '')).toBe(sha256);
  }

  it('signs in, names the user, and stores a file for the subject', async () => {
    const file = await makeFile(fixture.folder.dir, 'scan.bin', 5 * CHUNK);
    const tab = await open();
    await expectNoAxeViolations(tab);
    await signInAtProvider(tab, 'ada');
    expect(tab.url()).toBe(appUrl());
    await tab.getByRole('button', { name: 'Account: ⁨ada of the clinic⁩' }).click();
    await tab.getByText('User ID: ⁨ada⁩').waitFor();
    expect(await tab.getByRole('heading', { name: 'Devices' }).count()).toBe(0);
    await tab.keyboard.press('Escape');
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await expectFile((await readAccessToken(tab)) ?? '', 'ada', file.sha256);
    await tab.reload();
    await tab.getByRole('button', { name: 'Account: ⁨ada of the clinic⁩' }).waitFor();
    await signOutAtProvider(tab);
    expect(await tab.evaluate(() => localStorage.getItem('identity-provider'))).toBe(null);
  });

  it('renews an access token that expires during an upload', async () => {
    const files = [
      await makeFile(fixture.folder.dir, 'long.bin', 40 * CHUNK),
      await makeFile(fixture.folder.dir, 'late.bin', 9),
    ];
    provider.accessTokenSeconds = 4;
    const before = provider.renewals();
    const tab = await open();
    await signInAtProvider(tab, 'bob');
    provider.accessTokenSeconds = 300;
    const expiring = (await readAccessToken(tab)) ?? '';
    await queueFiles(tab, [files[0]?.path ?? '']);
    await until(() => fixture.server.acknowledgedChunks('bob').length > 3, 'some chunks');
    await fixture.server.holdChunks();
    await until(() => (decodeJwt(expiring).exp ?? 0) * 1000 < Date.now(), 'the end of the token');
    // Chunks of the long file can use a ticket. This one needs a token.
    await queueFiles(tab, [files[1]?.path ?? '']);
    fixture.server.releaseChunks();
    await waitForRows(tab, 2, isCompleted);
    expect(provider.renewals()).toBe(before + 1);
    const token = (await readAccessToken(tab)) ?? '';
    expect(token).not.toBe(expiring);
    const ids = fixture.server.batches.list('bob').map(({ batchId }) => batchId);
    const arrived = await Promise.all(ids.map((id) => downloadedSha256(`${fixture.server.url()}/api`, token, id)));
    expect(arrived.sort()).toEqual(files.map(({ sha256 }) => sha256).sort());
    await signOutAtProvider(tab);
  });

  it('accepts tokens of a new signing key at once', async () => {
    const [old, fresh] = [
      await makeFile(fixture.folder.dir, 'old.bin', 10),
      await makeFile(fixture.folder.dir, 'fresh.bin', 11),
    ];
    const tab = await open();
    await signInAtProvider(tab, 'cleo');
    await queueFiles(tab, [old.path]);
    await waitForRows(tab, 1, isCompleted);
    await signOutAtProvider(tab);
    await provider.rotateKeys();
    await signInAtProvider(tab, 'dan');
    await queueFiles(tab, [fresh.path]);
    await waitForRows(tab, 1, isCompleted);
    await expectFile((await readAccessToken(tab)) ?? '', 'dan', fresh.sha256);
    await signOutAtProvider(tab);
  });

  it('waits for a new sign-in when the provider ends the session', async () => {
    const file = await makeFile(fixture.folder.dir, 'ended.bin', 12);
    provider.accessTokenSeconds = 1;
    const tab = await open();
    await signInAtProvider(tab, 'eve');
    await tab.evaluate(() => {
      const session = JSON.parse(localStorage.getItem('identity-provider') ?? '{}');
      localStorage.setItem('identity-provider', JSON.stringify({ ...session, refreshToken: 'ended' }));
    });
    const expiring = (await readAccessToken(tab)) ?? '';
    await until(() => (decodeJwt(expiring).exp ?? 0) * 1000 < Date.now(), 'the end of the token');
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ status }) => status === 'waiting: sign-in');
    provider.accessTokenSeconds = 300;
    await signOutAtProvider(tab);
    await signInAtProvider(tab, 'eve');
    await waitForRows(tab, 1, isCompleted);
    await expectFile((await readAccessToken(tab)) ?? '', 'eve', file.sha256);
    await signOutAtProvider(tab);
  });

  it('continues when a provider returns that could not be reached', async () => {
    const file = await makeFile(fixture.folder.dir, 'outage.bin', 13);
    provider.accessTokenSeconds = 1;
    const tab = await open();
    await signInAtProvider(tab, 'eli');
    provider.accessTokenSeconds = 300;
    const expiring = (await readAccessToken(tab)) ?? '';
    await until(() => (decodeJwt(expiring).exp ?? 0) * 1000 < Date.now(), 'the end of the token');
    await tab.route(`${provider.issuer}/**`, (route) => route.abort());
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ status }) => status === 'waiting: sign-in');
    await tab.unroute(`${provider.issuer}/**`);
    // The page fires this event when the user returns to the tab.
    await tab.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')));
    await waitForRows(tab, 1, isCompleted);
    await expectFile((await readAccessToken(tab)) ?? '', 'eli', file.sha256);
    await signOutAtProvider(tab);
  });

  it('says that the user denied the sign-in, and asks again', async () => {
    const tab = await open();
    await enterName(tab, 'fay');
    await tab.getByText('[ Cancel ]').click();
    await tab.getByRole('alert').getByText('You didn’t allow the sign-in.').waitFor();
    expect(tab.url()).toBe(appUrl());
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await tab.getByRole('button', { name: 'Continue' }).click();
    await tab.locator('#files').waitFor();
    await signOutAtProvider(tab);
  });

  it('says why the provider refuses', async () => {
    const tab = await open();
    provider.refusesResource = true;
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await tab.getByRole('alert').getByText('The sign-in service refused: ⁨unknown API⁩.').waitFor();
    expect(tab.url()).toBe(appUrl());
  });

  it('ignores a response to a sign-in that this tab has not started', async () => {
    const tab = await open();
    await tab.goto(`${appUrl()}?code=stolen&state=guessed`);
    await tab.getByRole('alert').getByText('This sign-in was interrupted.').waitFor();
    expect(tab.url()).toBe(appUrl());
    expect(await readAccessToken(tab)).toBe(null);
  });

  it('says that the provider cannot be reached', async () => {
    const tab = await open();
    await tab.route(`${provider.issuer}/**`, (route) => route.abort());
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await tab.getByRole('alert').getByText('Couldn’t reach the sign-in service.').waitFor();
    await tab.unroute(`${provider.issuer}/**`);
    await signInAtProvider(tab, 'gus');
    await signOutAtProvider(tab);
  });
});

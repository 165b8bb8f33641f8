import type { Page } from 'playwright-core';

/** Starts a sign-in in the app and enters a name on the page of the identity provider. */
export async function enterName(tab: Page, userId: string): Promise<void> {
  // The pages of oidc-provider load a font.
  await tab.route('https://fonts.googleapis.com/**', (route) => route.abort());
  await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
  await tab.getByPlaceholder('Enter any login').fill(userId);
  await tab.getByPlaceholder('and password').fill('secret');
  await tab.getByRole('button', { name: 'Sign-in' }).click();
}

/** Signs in at the identity provider, and waits for the app. */
export async function signInAtProvider(tab: Page, userId: string): Promise<void> {
  await enterName(tab, userId);
  await tab.getByRole('button', { name: 'Continue' }).click();
  await tab.locator('#files').waitFor();
  await tab.evaluate(async () => void (await navigator.serviceWorker.ready));
}

/** Signs out of the app and of the identity provider. */
export async function signOutAtProvider(tab: Page): Promise<void> {
  await tab.getByRole('button', { name: 'Sign out', exact: true }).click();
  const keep = tab.getByRole('button', { name: 'Keep and sign out' });
  const leave = tab.getByRole('button', { name: 'Yes, sign me out' });
  await keep.or(leave).waitFor();
  if (await keep.isVisible()) await keep.click();
  await leave.click();
  await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
}

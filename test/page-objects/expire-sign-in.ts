import type { Page } from 'playwright-core';
import type { TestServer } from '../fixtures/test-server.ts';

/** Ends the sign-in of a tab as time does: the server refuses the cookie and the access token. */
export async function expireSignIn({ faults }: TestServer, tab: Page): Promise<void> {
  faults.before = ({ url }) => {
    const isRefused = url.startsWith('/api/batches') || url.startsWith('/api/auth/refresh');
    return isRefused ? { kind: 'status', status: 401, code: 'unauthorized' } : undefined;
  };
  await tab.reload();
  await tab.getByRole('heading', { name: 'Sign in to upload' }).waitFor();
  faults.before = undefined;
}

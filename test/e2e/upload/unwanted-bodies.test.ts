import { describe, expect, it } from 'vitest';
import { withApp } from '../../fixtures/with-app.ts';

const BODY_BYTES = 60_000_000;

describe('body that the server does not read', () => {
  const fixture = withApp({ server: () => ({ maxBodyBytes: 10_000_000 }) });

  it.each([
    ['without a token', null, 401],
    ['with an invalid token', 'invalid', 401],
    ['over the limit', 'ada', 413],
  ])('does not hide the response from Chromium: %s', async (_title, user, status) => {
    const token = user === 'ada' ? await fixture.server.issueToken(user) : user;
    const tab = await fixture.app.openTab();
    const statuses = await tab.evaluate(
      async ({ authorization, sizeBytes }) => {
        const send = async () => {
          const body = new FormData();
          body.append('upload_type', 'file');
          body.append('file', new Blob([new Uint8Array(sizeBytes)]), 'a');
          const headers = authorization === null ? {} : { Authorization: `Bearer ${authorization}` };
          const response = await fetch('/api/batches/upload', { method: 'POST', body, headers });
          return response.status;
        };
        // The second request may use the connection of the first one.
        return [await send().catch(String), await send().catch(String)];
      },
      { authorization: token, sizeBytes: BODY_BYTES },
    );
    expect(statuses).toEqual([status, status]);
  });
});

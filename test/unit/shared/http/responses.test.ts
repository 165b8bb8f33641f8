import { describe, expect, it } from 'vitest';
import {
  createResponseError,
  createStatusError,
  parseRetryAfter,
  readJson,
} from '../../../../src/shared/http/responses.ts';

const PAGE = '<!doctype html><title>Not Found</title>';

/** Classifies an error response with this body. */
async function classify(status: number, body: string | null, headers: HeadersInit = {}) {
  const response = new Response(body, { status, headers });
  return createResponseError(response, await readJson(response));
}

describe('error of the API', () => {
  it.each([
    [400, 'refused'],
    [401, 'unauthorized'],
    [403, 'refused'],
    [404, 'not_found'],
    [408, 'server_busy'],
    [409, 'conflict'],
    [410, 'not_found'],
    [413, 'too_large'],
    [425, 'server_busy'],
    [429, 'server_busy'],
    [500, 'server_busy'],
    [501, 'refused'],
    [502, 'gateway_error'],
    [503, 'server_busy'],
    [504, 'gateway_error'],
    [505, 'refused'],
    [507, 'server_full'],
    [519, 'server_busy'],
    [520, 'gateway_error'],
    [526, 'gateway_error'],
    [527, 'server_busy'],
  ] as const)('classifies status %i as %s', (status, code) => {
    expect(createStatusError(status, { error: 'some_code', message: 'Words.' })).toMatchObject({ code, status });
  });

  it('keeps code and message of the server, and classifies by the code', () => {
    const error = createStatusError(422, { error: 'checksum_mismatch', message: 'Send it again.' });
    expect(error).toMatchObject({ code: 'checksum', message: 'Send it again.', serverCode: 'checksum_mismatch' });
  });

  it('is read whatever media type the response has', async () => {
    const error = await classify(404, '{"error":"session_not_found"}', { 'Content-Type': 'text/plain' });
    expect(error).toMatchObject({ code: 'not_found', message: 'session_not_found' });
  });
});

describe('error of a proxy', () => {
  it.each([
    [400, 'gateway_error'],
    [401, 'network_sign_in'],
    [403, 'gateway_error'],
    [404, 'gateway_error'],
    [405, 'gateway_error'],
    [407, 'network_sign_in'],
    [409, 'gateway_error'],
    [410, 'gateway_error'],
    [413, 'too_large'],
    [422, 'gateway_error'],
    [429, 'server_busy'],
    [500, 'server_busy'],
    [501, 'gateway_error'],
    [502, 'gateway_error'],
    [503, 'server_busy'],
    [507, 'gateway_error'],
    [511, 'network_sign_in'],
  ] as const)('classifies a page with status %i as %s', async (status, code) => {
    expect(await classify(status, PAGE, { 'Content-Type': 'text/html' })).toMatchObject({
      code,
      serverCode: undefined,
    });
  });

  it.each([
    ['nothing', null],
    ['text', '404 page not found'],
    ['JSON of another program', '{"timestamp":1,"status":404,"error":"Not Found","path":"/api"}'],
    ['JSON without a code', '{"message":"no Route matched"}'],
    ['an error object', '{"error":{"code":404}}'],
    ['a list', '[{"error":"not_found"}]'],
    ['JSON that was cut', '{"error":"session_not_fo'],
  ])('takes %s with status 404 for no verdict', async (_what, body) => {
    expect((await classify(404, body, { 'Content-Type': 'application/json' })).code).toBe('gateway_error');
  });

  it('keeps Retry-After', async () => {
    expect(await classify(503, PAGE, { 'Retry-After': '7' })).toMatchObject({ retryAfterMs: 7000 });
  });

  it('takes a redirect for the sign-in of a network', () => {
    // As `fetch` with `redirect: 'manual'` makes it.
    const redirect = Object.create(Response.error(), { type: { value: 'opaqueredirect' }, status: { value: 0 } });
    expect(createResponseError(redirect, undefined)).toMatchObject({ code: 'network_sign_in', status: undefined });
  });
});

it('reads Retry-After as seconds or as a date', () => {
  const now = Date.parse('Tue, 24 Nov 2026 10:00:00 GMT');
  expect(parseRetryAfter('120', now)).toBe(120_000);
  expect(parseRetryAfter('Tue, 24 Nov 2026 10:01:00 GMT', now)).toBe(60_000);
  expect(parseRetryAfter('Tue, 24 Nov 2026 09:00:00 GMT', now)).toBe(0);
  expect(parseRetryAfter('soon', now)).toBeUndefined();
  expect(parseRetryAfter(null, now)).toBeUndefined();
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { UploadError } from '../../../../src/shared/errors.ts';
import type { ServerProfile } from '../../../../src/shared/server-profile.ts';
import { HttpTransport } from '../../../../sw/server/http-transport.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const FEATURES = ['idempotency_key', 'status'];
const unknown: ServerProfile = { features: null, rejectsExtraFields: false, rateBytesPerSecond: null };
const session = { id: 'a/b' };
const options = { accessToken: 't', signal: new AbortController().signal };

/** A transport whose requests get these responses, in order. */
function connect(profile: ServerProfile, ...responses: Response[]) {
  let current = profile;
  const requests: { method: string; path: string; form: FormData | null }[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    const form = init?.body instanceof FormData ? init.body : null;
    requests.push({ method: init?.method ?? '', path: String(url).replace('https://api.test', ''), form });
    const response = responses.shift();
    if (!response) throw new TypeError('Failed to fetch');
    return response;
  });
  const update = (changes: Partial<ServerProfile>) => {
    current = { ...current, ...changes };
  };
  const transport = new HttpTransport('https://api.test', { get: () => current, update });
  const sendWhole = () => transport.sendWhole(createUpload({ sizeBytes: 1 }), [new File(['a'], 'a.bin')], options);
  return { transport, requests, sendWhole, getProfile: () => current };
}

const ok = (json: object) => Response.json(json);
const error = (status: number, json: object = { error: 'some_code' }) => Response.json(json, { status });
const page = (status: number) => new Response('<!doctype html>', { status, headers: { 'Content-Type': 'text/html' } });

describe('HTTP transport', () => {
  afterEach(() => vi.restoreAllMocks());

  it('discovers the features of an unknown server once', async () => {
    const { transport, requests, getProfile } = connect(unknown, ok({ batches: [], features: FEATURES }));
    await transport.discover(options);
    await transport.discover(options);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /batches']);
    expect(getProfile().features).toEqual(FEATURES);
    expect(transport.isDiscovered).toBe(true);
  });

  it.each([404, 405])('leaves a server unknown that answers discovery by %i', async (status) => {
    const { transport, requests, getProfile } = connect(unknown, error(status));
    await transport.discover(options);
    await transport.discover(options);
    expect(requests).toHaveLength(1);
    expect(getProfile()).toMatchObject({ features: null, listsNothing: true });
  });

  it.each([
    ['the page of a captive portal', page(200), 'bad_response'],
    ['JSON of another program', ok({ status: 'up' }), 'bad_response'],
    ['an empty response', new Response(null, { status: 204 }), 'bad_response'],
    ['the page of a proxy', page(404), 'gateway_error'],
    ['the sign-in of a proxy', page(401), 'network_sign_in'],
  ])('remembers nothing of %s, and asks again', async (_what, response, code) => {
    const { transport, getProfile } = connect(unknown, response, ok({ batches: [], features: FEATURES }));
    await expect(transport.discover(options)).rejects.toMatchObject({ code });
    expect(getProfile()).toEqual(unknown);
    await transport.discover(options);
    expect(getProfile().features).toEqual(FEATURES);
  });

  it('learns the features from every acknowledgement', async () => {
    const { sendWhole, transport, getProfile } = connect(unknown, ok({ batch_id: 'b', features: FEATURES }));
    expect(await sendWhole()).toEqual({ result: { batch_id: 'b', features: FEATURES } });
    expect(getProfile().features).toEqual(FEATURES);
    expect(transport.capabilities).toMatchObject({ resendIsSafe: true, canQuery: true });
  });

  it('sends forms without a key after an unknown server rejected it', async () => {
    const { sendWhole, requests, getProfile } = connect(unknown, error(422), error(422));
    await expect(sendWhole()).rejects.toMatchObject({ code: 'form_rejected' });
    expect(getProfile().rejectsExtraFields).toBe(true);
    await expect(sendWhole()).rejects.toMatchObject({ code: 'refused' });
    expect(requests.map(({ form }) => form?.has('idempotency_key'))).toEqual([true, false]);
  });

  it('takes the JSON of a framework for the rejection of a form, but no page', async () => {
    const { sendWhole, getProfile } = connect(unknown, page(400), error(422, { detail: [] }));
    await expect(sendWhole()).rejects.toMatchObject({ code: 'gateway_error' });
    expect(getProfile().rejectsExtraFields).toBe(false);
    await expect(sendWhole()).rejects.toMatchObject({ code: 'form_rejected' });
    expect(getProfile().rejectsExtraFields).toBe(true);
  });

  it.each([
    ['a page', page(200)],
    ['JSON that was cut', new Response('{"batch_id":"b')],
    ['JSON of another shape', ok({ batch: 'b' })],
    ['nothing', new Response(null, { status: 204 })],
  ])('acknowledges nothing by %s with a success status', async (_what, response) => {
    const { sendWhole, getProfile } = connect(unknown, response);
    await expect(sendWhole()).rejects.toMatchObject({ code: 'bad_response' });
    expect(getProfile()).toEqual(unknown);
  });

  it.each([page(200), page(404), page(409)])('aborts no session by a page', async (response) => {
    const { transport } = connect({ ...unknown, features: FEATURES }, response);
    await expect(transport.abort(createUpload({ session }), options)).rejects.toBeInstanceOf(UploadError);
  });

  it('reports each rejected form if several were in flight', async () => {
    const { sendWhole } = connect(unknown, error(400), error(400));
    const results = await Promise.allSettled([sendWhole(), sendWhole()]);
    const rejected = { status: 'rejected', reason: expect.objectContaining({ code: 'form_rejected' }) };
    expect(results).toEqual([rejected, rejected]);
  });

  it('does not blame the key if the server lists it', async () => {
    const { sendWhole } = connect({ ...unknown, features: FEATURES }, error(400, { error: 'bad_field' }));
    await expect(sendWhole()).rejects.toMatchObject({ code: 'refused', serverCode: 'bad_field' });
  });

  it('lists the chunks that the server has', async () => {
    const chunks = [0, 1, 2].map((index) => ({ index, start: index, end: index + 1 }));
    const { transport, requests } = connect({ ...unknown, features: FEATURES }, ok({ received: [[1, 3]] }));
    expect(await transport.query(session, chunks, [0], options)).toEqual({ have: [1, 2], kept: [] });
    expect(requests[0]).toMatchObject({ method: 'GET', path: '/batches/upload-chunk/a%2Fb' });
  });

  it('asks for chunks in flight by the session, and without one by the key', async () => {
    const status = () => ok({ receiving: [{ chunk_index: 0, size_bytes: 5 }] });
    const { transport, requests } = connect({ ...unknown, features: FEATURES }, status(), status());
    const upload = createUpload();
    expect(await transport.readReceiving({ ...upload, session }, [0], options)).toEqual(new Map([[0, 5]]));
    expect(await transport.readReceiving(upload, [0], options)).toEqual(new Map([[0, 5]]));
    const paths = ['/batches/upload-chunk/a%2Fb', `/batches?idempotency_key=${upload.id}`];
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(paths.map((path) => `GET ${path}`));
  });

  it.each([
    ['null if the session is deleted', new Response(null, { status: 204 }), null],
    ['null if the session is unknown', error(404), null],
    [
      'the batch if it exists already',
      error(409, { error: 'already_finished', batch_id: 'b' }),
      expect.objectContaining({ batch_id: 'b' }),
    ],
  ])('aborts a session, and returns %s', async (_what, response, result) => {
    const { transport, requests } = connect({ ...unknown, features: FEATURES }, response);
    expect(await transport.abort(createUpload({ session }), options)).toEqual(result);
    expect(requests).toMatchObject([{ method: 'DELETE', path: '/batches/upload-chunk/a%2Fb' }]);
  });

  it('finds the batch of an aborted upload by its key', async () => {
    const upload = createUpload();
    const batch = { batch_id: 'b', idempotency_key: upload.id };
    const { transport, requests } = connect({ ...unknown, features: FEATURES }, ok({ batches: [batch] }));
    expect(await transport.abort(upload, options)).toEqual(batch);
    expect(requests).toMatchObject([{ method: 'GET', path: `/batches?idempotency_key=${upload.id}` }]);
  });

  it('aborts nothing at the basic level, which has no route for it', async () => {
    const { transport, requests } = connect({ ...unknown, features: [] });
    expect(await transport.abort(createUpload({ session }), options)).toBeNull();
    expect(requests).toEqual([]);
  });

  it('classifies a request without a response as a network failure', async () => {
    const { sendWhole } = connect(unknown);
    await expect(sendWhole()).rejects.toMatchObject({ code: 'network' });
  });
});

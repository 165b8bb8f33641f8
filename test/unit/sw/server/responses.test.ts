import { describe, expect, it } from 'vitest';
import {
  createResponseError,
  parseReceiving,
  parseRemoteState,
  parseRetryAfter,
  parseSent,
  readSent,
} from '../../../../sw/server/responses.ts';

describe('responses', () => {
  it('reads Retry-After as seconds or as a date', () => {
    const now = Date.parse('Tue, 24 Nov 2026 10:00:00 GMT');
    expect(parseRetryAfter('120', now)).toBe(120_000);
    expect(parseRetryAfter('Tue, 24 Nov 2026 10:01:00 GMT', now)).toBe(60_000);
    expect(parseRetryAfter('Tue, 24 Nov 2026 09:00:00 GMT', now)).toBe(0);
    expect(parseRetryAfter('soon', now)).toBeUndefined();
    expect(parseRetryAfter(null, now)).toBeUndefined();
  });

  it.each([
    [400, 'refused'],
    [401, 'unauthorized'],
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
    [507, 'refused'],
    [519, 'server_busy'],
    [520, 'gateway_error'],
    [526, 'gateway_error'],
    [527, 'server_busy'],
  ] as const)('classifies status %i as %s', (status, code) => {
    expect(createResponseError(new Response(null, { status }), undefined).code).toBe(code);
  });

  it('keeps code and message of the server, and classifies by the code', () => {
    const json = { error: 'checksum_mismatch', message: 'Send it again.' };
    const error = createResponseError(new Response(null, { status: 422 }), json);
    expect(error).toMatchObject({ code: 'checksum', message: 'Send it again.' });
    expect(error.serverCode).toBe('checksum_mismatch');
  });

  it('keeps the ticket of a session in its opaque data', () => {
    expect(parseSent({ upload_id: 7, ticket: 't' })).toEqual({ session: { id: '7', data: { ticket: 't' } } });
    expect(parseSent({ upload_id: 's' })).toEqual({ session: { id: 's' } });
    expect(parseSent({ batch_id: 'b', more: 1 })).toEqual({ result: { batch_id: 'b', more: 1 } });
    expect(() => parseSent({ ok: true })).toThrow(expect.objectContaining({ code: 'bad_response' }));
  });

  it('reads the bytes of chunks in flight, of two requests the larger count', () => {
    const receiving = [
      { chunk_index: 4, size_bytes: 9 },
      { chunk_index: 4, size_bytes: 7 },
      { chunk_index: 5, size_bytes: 0 },
      { chunk_index: 6, size_bytes: 8 },
    ];
    const sizes = [[4, 9] as const, [5, 0] as const, [1, Number.POSITIVE_INFINITY] as const];
    expect(parseReceiving({ received: [[0, 2]], receiving }, [1, 4, 5], 0)).toEqual(new Map(sizes));
    expect(parseReceiving({ batches: [] }, [1], 0)).toEqual(new Map());
    expect(parseReceiving({ receiving: [{ chunk_index: -1, size_bytes: 1 }] }, [1], 0)).toEqual(new Map());
  });

  it('ignores chunks in flight of another generation', () => {
    const receiving = [
      { generation: 0, chunk_index: 4, size_bytes: 9 },
      { generation: 1, chunk_index: 4, size_bytes: 7 },
    ];
    expect(parseReceiving({ receiving }, [4], 1)).toEqual(new Map([[4, 7]]));
  });

  it('lists the chunks that half-open ranges of a status contain', () => {
    const chunks = [0, 1, 2, 3, 4].map((index) => ({ index, start: index, end: index + 1 }));
    const received = [
      [0, 2],
      [4, 9],
    ];
    expect(parseRemoteState({ received }, chunks)).toEqual({ have: [0, 1, 4], kept: [] });
    expect(parseRemoteState({ batch_id: 'b' }, chunks)).toEqual({ have: [], kept: [], result: { batch_id: 'b' } });
    expect(() => parseRemoteState({}, chunks)).toThrow(expect.objectContaining({ code: 'bad_response' }));
  });

  it('reads nothing from an error response of a Background Fetch', async () => {
    expect(await readSent(Response.json({ upload_id: 's' }, { status: 503 }))).toBeNull();
    expect(await readSent(Response.json({ upload_id: 's' }))).toEqual({ session: { id: 's' } });
  });
});

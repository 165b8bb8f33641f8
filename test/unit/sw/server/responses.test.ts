import { describe, expect, it } from 'vitest';
import {
  findResultByKey,
  parseDiscovery,
  parseReceiving,
  parseRemoteState,
  parseSent,
  readSent,
} from '../../../../sw/server/responses.ts';

describe('responses', () => {
  it('keeps the ticket of a session in its opaque data', () => {
    expect(parseSent({ upload_id: 7, ticket: 't' })).toEqual({ session: { id: '7', data: { ticket: 't' } } });
    expect(parseSent({ upload_id: 's' })).toEqual({ session: { id: 's' } });
    expect(parseSent({ batch_id: 'b', more: 1 })).toEqual({ result: { batch_id: 'b', more: 1 } });
    expect(() => parseSent({ ok: true })).toThrow(expect.objectContaining({ code: 'bad_response' }));
  });

  it.each([[undefined], [null], ['<html>'], [[]], [{}], [{ batches: 'none' }]])('lists no batches: %j', (json) => {
    expect(() => parseDiscovery(json)).toThrow(expect.objectContaining({ code: 'bad_response' }));
    expect(() => findResultByKey('key', json)).toThrow(expect.objectContaining({ code: 'bad_response' }));
  });

  it('discovers features in a list of batches only', () => {
    const facts = { features: ['status'], maxUploadBytes: 50 };
    expect(parseDiscovery({ batches: [], features: ['status'], max_upload_bytes: 50 })).toEqual(facts);
    const basic = { features: [], maxUploadBytes: null };
    expect(parseDiscovery({ batches: [{ batch_id: 'b' }], max_upload_bytes: 'all' })).toEqual(basic);
    expect(() => parseDiscovery({ features: ['status'] })).toThrow(expect.objectContaining({ code: 'bad_response' }));
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

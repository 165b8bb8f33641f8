import { describe, expect, it } from 'vitest';
import { createSupports, fitsOneRequest } from '../../../src/shared/requests.ts';
import { createUpload } from '../../fixtures/upload.ts';

describe('createSupports and fitsOneRequest', () => {
  const unknownServer = { features: null, rejectsExtraFields: false, rateBytesPerSecond: null };

  it('sends an unknown server only the key, unless it refused a form', () => {
    expect(createSupports(unknownServer)('idempotency_key')).toBe(true);
    expect(createSupports(unknownServer)('chunk_offset')).toBe(false);
    expect(createSupports({ ...unknownServer, rejectsExtraFields: true })('idempotency_key')).toBe(false);
  });

  it('sends a known server only the features it lists', () => {
    const supports = createSupports({ ...unknownServer, features: ['ticket'] });
    expect([supports('ticket'), supports('idempotency_key')]).toEqual([true, false]);
  });

  it('counts the form around a file towards the request limit', () => {
    const limit = 100 * 1024 * 1024;
    expect(fitsOneRequest(createUpload({ sizeBytes: limit - 1 }))).toBe(false);
    expect(fitsOneRequest(createUpload({ sizeBytes: limit - 10_000 }))).toBe(true);
  });
});

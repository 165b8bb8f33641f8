import { describe, expect, it } from 'vitest';
import { createSupports, fitsOneRequest } from '../../../src/shared/requests.ts';
import { createUpload } from '../../fixtures/upload.ts';

describe('what an endpoint is told', () => {
  const learned = { features: null, rejectsExtraFields: false, rateBytesPerSecond: null };

  it('is the key alone before it ever answered, and nothing after it refused that', () => {
    expect(createSupports(learned)('idempotency_key')).toBe(true);
    expect(createSupports(learned)('chunk_offset')).toBe(false);
    expect(createSupports({ ...learned, rejectsExtraFields: true })('idempotency_key')).toBe(false);
  });

  it('is what it listed', () => {
    const speak = createSupports({ ...learned, features: ['ticket'] });
    expect([speak('ticket'), speak('idempotency_key')]).toEqual([true, false]);
  });

  it('is never a request whose form makes it too large', () => {
    const limit = 100 * 1024 * 1024;
    expect(fitsOneRequest(createUpload({ sizeBytes: limit - 1 }))).toBe(false);
    expect(fitsOneRequest(createUpload({ sizeBytes: limit - 10_000 }))).toBe(true);
  });
});

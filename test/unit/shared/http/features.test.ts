import { describe, expect, it } from 'vitest';
import { MAX_CHUNK_BYTES, MAX_REQUEST_BYTES } from '../../../../src/shared/chunks.ts';
import { createSupports, getCapabilities, supportsFileLists } from '../../../../src/shared/http/features.ts';
import type { ServerProfile } from '../../../../src/shared/server-profile.ts';

const unknown: ServerProfile = { features: null, rejectsExtraFields: false, rateBytesPerSecond: null };
const withFeatures = (...features: string[]): ServerProfile => ({ ...unknown, features });

describe('features of a server', () => {
  it('sends an unknown server the key alone, and no key once it was rejected', () => {
    expect(createSupports(unknown)('idempotency_key')).toBe(true);
    expect(createSupports(unknown)('chunk_offset')).toBe(false);
    expect(createSupports({ ...unknown, rejectsExtraFields: true })('idempotency_key')).toBe(false);
  });

  it('allows only the fields of listed features', () => {
    const supports = createSupports(withFeatures('ticket'));
    expect([supports('ticket'), supports('idempotency_key')]).toEqual([true, false]);
  });

  it('treats an unknown server and one without features as the basic level', () => {
    const basic = getCapabilities(withFeatures());
    expect(getCapabilities(unknown)).toEqual(basic);
    expect(basic).toEqual({
      order: 'first-then-any-final-last',
      resendIsSafe: false,
      canQuery: false,
      canResize: false,
      keepsPartial: false,
      reportsReceiving: false,
      digest: null,
      standaloneRequests: false,
      fileLists: false,
      bundles: false,
      limits: {
        minChunkBytes: 1,
        maxChunkBytes: MAX_CHUNK_BYTES,
        equalChunks: true,
        maxWholeBytes: MAX_REQUEST_BYTES,
      },
    });
  });

  it('resends safely but asks nothing if a server lists a key without status', () => {
    expect(getCapabilities(withFeatures('idempotency_key'))).toMatchObject({
      order: 'first-then-any',
      resendIsSafe: true,
      canQuery: false,
      limits: { equalChunks: true, maxWholeBytes: null },
    });
  });

  it('starts with any chunk only where it is listed with what it needs', () => {
    const features = ['parallel_start', 'generation', 'chunk_offset', 'idempotency_key'];
    expect(getCapabilities(withFeatures(...features)).order).toBe('any');
    for (const missing of features) {
      const { order } = getCapabilities(withFeatures(...features.filter((feature) => feature !== missing)));
      expect(order).toBe(missing === 'idempotency_key' ? 'first-then-any-final-last' : 'first-then-any');
    }
  });

  it('maps digests, status and tickets to one capability each', () => {
    expect(getCapabilities(withFeatures('chunk_sha256')).digest).toBe('sha-256');
    expect(getCapabilities(withFeatures('idempotency_key', 'status')).canQuery).toBe(true);
    expect(getCapabilities(withFeatures('idempotency_key', 'status', 'receiving')).reportsReceiving).toBe(true);
    expect(getCapabilities(withFeatures('receiving')).reportsReceiving).toBe(false);
    expect(getCapabilities(withFeatures('idempotency_key', 'ticket')).standaloneRequests).toBe(true);
    expect(getCapabilities(withFeatures('ticket')).standaloneRequests).toBe(false);
  });

  it('supports file lists only with a key, offsets and sizes', () => {
    const features = ['idempotency_key', 'chunk_offset', 'file_size', 'file_list'];
    expect(supportsFileLists(withFeatures(...features))).toBe(true);
    for (const missing of features) {
      expect(supportsFileLists(withFeatures(...features.filter((feature) => feature !== missing)))).toBe(false);
    }
  });

  it('leaves file lists open while the server is unknown', () => {
    expect(supportsFileLists(unknown)).toBeNull();
    expect(supportsFileLists({ ...unknown, listsNothing: true })).toBe(false);
    expect(supportsFileLists({ ...unknown, rejectsExtraFields: true })).toBe(false);
  });

  it('cuts into unequal chunks only with offsets and a key', () => {
    const equalChunks = (...features: string[]) => getCapabilities(withFeatures(...features)).limits.equalChunks;
    expect(equalChunks('idempotency_key', 'chunk_offset')).toBe(false);
    expect(equalChunks('chunk_offset')).toBe(true);
  });
});

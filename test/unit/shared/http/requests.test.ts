import { describe, expect, it } from 'vitest';
import { MAX_REQUEST_BYTES } from '../../../../src/shared/chunks.ts';
import { estimateRequestBytes } from '../../../../src/shared/requests.ts';
import { createUpload } from '../../../fixtures/upload.ts';

describe('requests', () => {
  it('counts the form of a whole upload as part of its request', () => {
    const estimate = (sizeBytes: number) => estimateRequestBytes(createUpload({ sizeBytes }));
    expect(estimate(MAX_REQUEST_BYTES - 1)).toBeGreaterThan(MAX_REQUEST_BYTES);
    expect(estimate(MAX_REQUEST_BYTES - 10_000)).toBeLessThanOrEqual(MAX_REQUEST_BYTES);
  });
});

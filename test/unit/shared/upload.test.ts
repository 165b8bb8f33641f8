import { describe, expect, it } from 'vitest';
import { canTransition, getReadyState, type Status, withState } from '../../../src/shared/upload.ts';
import { createUpload } from '../../fixtures/upload.ts';

describe('the transition table', () => {
  it('lets nothing become of a completed upload', () => {
    const all: Status[] = ['staging', 'queued', 'uploading', 'waiting', 'paused', 'completed', 'failed', 'cancelled'];
    expect(all.filter((to) => canTransition('completed', to))).toEqual([]);
  });

  it('lets a batch id win over a cancel, and nothing else', () => {
    expect(canTransition('cancelled', 'completed')).toBe(true);
    expect(canTransition('cancelled', 'queued')).toBe(false);
  });

  it('lets a paused one fail, whose copying goes on', () => {
    expect(canTransition('paused', 'failed')).toBe(true);
    expect(canTransition('paused', 'waiting')).toBe(false);
  });

  it('leaves nothing of the status before', () => {
    const failed = withState(createUpload(), { status: 'failed', code: 'x', message: 'y', failedAt: 1 });
    expect(withState(failed, { status: 'queued' })).not.toHaveProperty('message');
  });

  it('goes by what is staged and whether the server knows it', () => {
    expect(getReadyState(createUpload({ sizeBytes: 10, stagedBytes: 5 })).status).toBe('staging');
    expect(getReadyState(createUpload({ sizeBytes: 10, stagedBytes: 10 })).status).toBe('queued');
    expect(getReadyState(createUpload({ session: { id: 'u' } })).status).toBe('uploading');
  });
});

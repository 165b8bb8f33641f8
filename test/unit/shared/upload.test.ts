import { describe, expect, it } from 'vitest';
import { canTransition, getReadyState, type Status, withState } from '../../../src/shared/upload.ts';
import { createUpload } from '../../fixtures/upload.ts';

describe('upload states', () => {
  it('allows no transition out of completed', () => {
    const all: Status[] = ['staging', 'queued', 'uploading', 'waiting', 'paused', 'completed', 'failed', 'cancelled'];
    expect(all.filter((to) => canTransition('completed', to))).toEqual([]);
  });

  it('lets a batch id win over a cancel, and nothing else', () => {
    expect(canTransition('cancelled', 'completed')).toBe(true);
    expect(canTransition('cancelled', 'queued')).toBe(false);
  });

  it('lets a paused upload fail, because its staging continues', () => {
    expect(canTransition('paused', 'failed')).toBe(true);
    expect(canTransition('paused', 'waiting')).toBe(false);
  });

  it('drops the facts of the previous status', () => {
    const failed = withState(createUpload(), { status: 'failed', code: 'x', message: 'y', failedAt: 1 });
    expect(withState(failed, { status: 'queued' })).not.toHaveProperty('message');
  });

  it('derives the ready state from staged bytes and session', () => {
    expect(getReadyState(createUpload({ sizeBytes: 10, stagedBytes: 5 })).status).toBe('staging');
    expect(getReadyState(createUpload({ sizeBytes: 10, stagedBytes: 10 })).status).toBe('queued');
    expect(getReadyState(createUpload({ session: { id: 'u' } })).status).toBe('uploading');
  });
});

import { describe, expect, it } from 'vitest';
import { asCommand, asNotice } from '../../src/shared/messages.ts';
import { fitsOneRequest, speaks } from '../../src/shared/requests.ts';
import { become, mayBecome, readyState, type Status } from '../../src/shared/upload.ts';
import { anUpload } from '../support/uploads.ts';

describe('the transition table', () => {
  it('lets nothing become of a completed upload', () => {
    const all: Status[] = ['staging', 'queued', 'uploading', 'waiting', 'paused', 'completed', 'failed', 'cancelled'];
    expect(all.filter((to) => mayBecome('completed', to))).toEqual([]);
  });

  it('lets a batch id win over a cancel, and nothing else', () => {
    expect(mayBecome('cancelled', 'completed')).toBe(true);
    expect(mayBecome('cancelled', 'queued')).toBe(false);
  });

  it('lets a paused one fail, whose copying goes on', () => {
    expect(mayBecome('paused', 'failed')).toBe(true);
    expect(mayBecome('paused', 'waiting')).toBe(false);
  });

  it('leaves nothing of the status before', () => {
    const failed = become(anUpload(), { status: 'failed', code: 'x', message: 'y', failedAt: 1 });
    expect(become(failed, { status: 'queued' })).not.toHaveProperty('message');
  });

  it('goes by what is staged and whether the server knows it', () => {
    expect(readyState(anUpload({ sizeBytes: 10, stagedBytes: 5 })).status).toBe('staging');
    expect(readyState(anUpload({ sizeBytes: 10, stagedBytes: 10 })).status).toBe('queued');
    expect(readyState(anUpload({ session: { uploadId: 'u' } })).status).toBe('uploading');
  });
});

describe('messages of other versions', () => {
  it('are ignored where they are not understood', () => {
    expect(asCommand({ type: 'dance' })).toBeNull();
    expect(asCommand('wake')).toBeNull();
    expect(asCommand({ type: 'changed' })).toBeNull();
    expect(asCommand({ type: 'wake', more: 1 })).toEqual({ type: 'wake' });
    expect(asNotice({ type: 'progress', progress: { id: 'a' } })).toBeNull();
    expect(asNotice(null)).toBeNull();
  });
});

describe('what an endpoint is told', () => {
  const learned = { features: null, strict: false, rateBytesPerSecond: null };

  it('is the key alone before it ever answered, and nothing after it refused that', () => {
    expect(speaks(learned)('idempotency_key')).toBe(true);
    expect(speaks(learned)('chunk_offset')).toBe(false);
    expect(speaks({ ...learned, strict: true })('idempotency_key')).toBe(false);
  });

  it('is what it listed', () => {
    const speak = speaks({ ...learned, features: ['ticket'] });
    expect([speak('ticket'), speak('idempotency_key')]).toEqual([true, false]);
  });

  it('is never a request whose form makes it too large', () => {
    const limit = 100 * 1024 * 1024;
    expect(fitsOneRequest(anUpload({ sizeBytes: limit - 1 }))).toBe(false);
    expect(fitsOneRequest(anUpload({ sizeBytes: limit - 10_000 }))).toBe(true);
  });
});

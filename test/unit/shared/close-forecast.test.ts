import { describe, expect, it } from 'vitest';
import { type Conditions, forecastQueue, forecastUploads } from '../../../src/shared/close-forecast.ts';
import { type Upload, type UploadState, type Wait, withState } from '../../../src/shared/upload.ts';
import { getRunSpansAfterClose } from '../../../src/shared/worker-lifetime.ts';
import { createUpload } from '../../fixtures/upload.ts';

const MB = 1_000_000;
const chromium = { backgroundSync: true, backgroundFetch: true };
const elsewhere = { backgroundSync: false, backgroundFetch: false };
const outlook: Conditions = {
  browserSupport: chromium,
  online: true,
  syncRegistrations: 3,
  stagingIds: new Set(),
  rateBytesPerSecond: MB,
  backgroundFetchBytesPerSecond: null,
};

const staged = (sizeBytes: number, state: UploadState = { status: 'uploading' }) =>
  withState(createUpload({ sizeBytes }), state);
const waiting = (wait: Wait) => staged(MB, { status: 'waiting', wait });
const remaining = (upload: Upload) => ({ upload, leftBytes: upload.sizeBytes });
const closingOf = (upload: Upload, facts: Partial<Conditions> = {}) =>
  forecastUploads([remaining(upload)], { ...outlook, ...facts }).get(upload.id);
const queueOf = (...uploads: Upload[]) => forecastQueue(uploads.map(remaining), outlook);

describe('the stretches in which a worker runs after the last page is closed', () => {
  const workMs = (alarms: number) =>
    getRunSpansAfterClose(chromium, alarms).reduce((sum, { from, to }) => sum + to - from, 0);

  it('begin with the closing page’s own message, and follow one another', () => {
    const stretches = getRunSpansAfterClose(chromium, 3);
    expect(stretches[0]).toEqual({ from: 0, to: 290_000 });
    for (const [i, { from, to }] of stretches.entries()) {
      expect(from).toBeGreaterThanOrEqual(stretches[i - 1]?.to ?? 0);
      expect(to).toBeGreaterThan(from);
    }
  });

  it('are more with each alarm, up to three', () => {
    expect([0, 1, 2, 3].map(workMs)).toEqual([...[0, 1, 2, 3].map(workMs)].sort((a, b) => a - b));
    expect(workMs(1)).toBeGreaterThan(workMs(0));
    expect(workMs(9)).toBe(workMs(3));
  });

  it('are next to nothing without Background Sync', () => {
    expect(getRunSpansAfterClose(elsewhere, 0)).toEqual([{ from: 0, to: 10_000 }]);
  });
});

describe('if every page is closed now', () => {
  it('finishes what fits into the first stretch, by the clock', () => {
    expect(closingOf(staged(240 * MB))).toEqual({ kind: 'finishes', inMs: 240_000 });
  });

  it('counts the gap before the second stretch', () => {
    const second = getRunSpansAfterClose(chromium, 3)[1]?.from ?? 0;
    expect(closingOf(staged(300 * MB))).toEqual({ kind: 'finishes', inMs: second + 10_000 });
  });

  it('goes on for all of its stretches and not to the end where they are too short', () => {
    expect(closingOf(staged(100_000 * MB), { syncRegistrations: 0 })).toEqual({
      kind: 'continues',
      forMs: 290_000,
      withinMs: 290_000,
      syncRegistered: false,
    });
    expect(closingOf(staged(100_000 * MB))).toMatchObject({ kind: 'continues', syncRegistered: true });
    expect(closingOf(staged(20 * MB), { browserSupport: elsewhere, syncRegistrations: 0 })).toMatchObject({
      forMs: 10_000,
    });
  });

  it('promises no time that was not measured', () => {
    expect(closingOf(staged(MB), { rateBytesPerSecond: null })).toMatchObject({ kind: 'unmeasured' });
  });

  it('waits for the network, by itself where an alarm is registered', () => {
    expect(closingOf(staged(MB), { online: false })).toEqual({ kind: 'network', resumesAutomatically: true });
    expect(closingOf(waiting({ reason: 'network' }), { online: false, syncRegistrations: 0 })).toMatchObject({
      resumesAutomatically: false,
    });
  });

  it('stops what is still being copied, whatever else it waits for', () => {
    const copying = createUpload({ sizeBytes: MB, stagedBytes: 1 });
    expect(closingOf(withState(copying, { status: 'staging' }))).toEqual({ kind: 'staging' });
    const backoff = { reason: 'backoff', nextAttemptAt: 0, message: '' } as const;
    expect(closingOf(withState(copying, { status: 'waiting', wait: backoff }))).toEqual({ kind: 'staging' });
    const signIn = { reason: 'sign-in' } as const;
    expect(closingOf(withState(copying, { status: 'waiting', wait: signIn }))).toEqual({ kind: 'staging' });
  });

  it('stops the copying of a paused one while somebody copies it, and nothing of one whose copying was cut off', () => {
    const paused = withState(createUpload({ sizeBytes: MB, stagedBytes: 1 }), { status: 'paused' });
    const copying = new Set([paused.id]);
    const waits = { kind: 'needs-action', action: 'resume' };
    expect(closingOf(paused, { stagingIds: copying })).toEqual({ kind: 'staging' });
    expect(closingOf(paused)).toEqual(waits);
    // The lock is let go of a moment after the last byte.
    expect(closingOf({ ...paused, stagedBytes: MB }, { stagingIds: copying })).toEqual(waits);
    expect(forecastQueue([paused, staged(MB)].map(remaining), { ...outlook, stagingIds: copying })).toMatchObject({
      forecast: { kind: 'staging' },
      uploadCount: 1,
    });
  });

  it('says what the user has to do first', () => {
    expect(closingOf(waiting({ reason: 'sign-in' }))).toEqual({ kind: 'needs-action', action: 'sign-in' });
    expect(closingOf(waiting({ reason: 'file' }))).toEqual({ kind: 'needs-action', action: 'file' });
    expect(closingOf(waiting({ reason: 'unconfirmed', message: '' }))).toEqual({
      kind: 'needs-action',
      action: 'unconfirmed',
    });
    expect(closingOf(staged(MB, { status: 'paused' }))).toEqual({ kind: 'needs-action', action: 'resume' });
    const failed = { status: 'failed', code: 'refused', message: '', failedAt: 0 } as const;
    expect(closingOf(staged(MB, failed))).toEqual({ kind: 'needs-action', action: 'retry' });
  });

  it('leaves to the browser what it was handed', () => {
    const carried = waiting({ reason: 'background-fetch', fetchId: 'f' });
    expect(closingOf(carried)).toEqual({ kind: 'background-fetch', leftMs: 1000 });
    expect(closingOf(carried, { backgroundFetchBytesPerSecond: MB / 2 })).toEqual({
      kind: 'background-fetch',
      leftMs: 2000,
    });
    expect(closingOf(carried, { rateBytesPerSecond: null })).toEqual({ kind: 'background-fetch', leftMs: null });
  });

  it('sends one upload after the other over the same link', () => {
    const [a, b] = [staged(60 * MB), staged(60 * MB)];
    const closings = forecastUploads([a, b].map(remaining), outlook);
    expect(closings.get(a.id)).toEqual({ kind: 'finishes', inMs: 60_000 });
    expect(closings.get(b.id)).toEqual({ kind: 'finishes', inMs: 120_000 });
  });
});

describe('the forecast of a whole queue', () => {
  const paused = staged(MB, { status: 'paused' });

  it('is that of the last one sent, and tells how many wait for the user', () => {
    const closing = { kind: 'finishes', inMs: 120_000 };
    expect(queueOf(staged(60 * MB), paused, staged(60 * MB))).toEqual({
      forecast: closing,
      uploadCount: 2,
      waitingCount: 1,
      backgroundFetchCount: 0,
    });
  });

  it('speaks first of what closing would stop', () => {
    const copying = withState(createUpload({ sizeBytes: MB, stagedBytes: 0 }), { status: 'staging' });
    expect(queueOf(copying, staged(MB))).toEqual({
      forecast: { kind: 'staging' },
      uploadCount: 1,
      waitingCount: 0,
      backgroundFetchCount: 0,
    });
  });

  it('is of what the worker sends where the browser carries the rest, and counts that beside', () => {
    const carried = () => waiting({ reason: 'background-fetch', fetchId: 'f' });
    const closing = { kind: 'finishes', inMs: 60_000 };
    expect(queueOf(carried(), staged(60 * MB), carried())).toEqual({
      forecast: closing,
      uploadCount: 1,
      waitingCount: 0,
      backgroundFetchCount: 2,
    });
    expect(queueOf(carried(), paused)).toMatchObject({
      forecast: { kind: 'background-fetch' },
      uploadCount: 1,
      backgroundFetchCount: 0,
    });
  });

  it('speaks of what waits when nothing else is left, and of nothing when nothing is', () => {
    const closing = { kind: 'needs-action', action: 'resume' };
    expect(queueOf(paused)).toEqual({ forecast: closing, uploadCount: 1, waitingCount: 1, backgroundFetchCount: 0 });
    const done = staged(MB, { status: 'completed', batch: { batch_id: 'b' }, completedAt: 0 });
    expect(queueOf(done)).toEqual({
      forecast: { kind: 'nothing-left' },
      uploadCount: 0,
      waitingCount: 0,
      backgroundFetchCount: 0,
    });
  });
});

import { describe, expect, it } from 'vitest';
import { type ForecastInputs, forecastQueue, forecastUploads } from '../../../src/page/close-forecast.ts';
import type { ServerProblem } from '../../../src/page/queue/server-problem.ts';
import { type Upload, type UploadState, type Wait, withState } from '../../../src/shared/upload.ts';
import { getRunSpansAfterClose } from '../../../src/shared/worker-lifetime.ts';
import { createUpload } from '../../fixtures/upload.ts';

const MB = 1_000_000;
const chromium = { backgroundSync: true, backgroundFetch: true };
const withoutSync = { backgroundSync: false, backgroundFetch: false };
const inputs: ForecastInputs = {
  browserSupport: chromium,
  online: true,
  hasReachedServer: true,
  linkProblem: null,
  unknownHost: null,
  syncRegistrations: 3,
  stagingIds: new Set(),
  rememberedBytesPerSecond: null,
  rateBytesPerSecond: MB,
  backgroundFetchBytesPerSecond: null,
};

const staged = (sizeBytes: number, state: UploadState = { status: 'uploading' }) =>
  withState(createUpload({ sizeBytes }), state);
const waiting = (wait: Wait) => staged(MB, { status: 'waiting', wait });
const toRemaining = (upload: Upload) => ({ upload, leftBytes: upload.sizeBytes, problem: null });
const unreachable: ServerProblem = { code: 'network', message: '', nextAttemptAt: null };
const forecastOne = (upload: Upload, changes: Partial<ForecastInputs> = {}) =>
  forecastUploads([toRemaining(upload)], { ...inputs, ...changes }).get(upload.id);
const forecastOf = (...uploads: Upload[]) => forecastQueue(uploads.map(toRemaining), inputs);

describe('getRunSpansAfterClose', () => {
  const workMs = (registrations: number) =>
    getRunSpansAfterClose(chromium, registrations).reduce((sum, { from, to }) => sum + to - from, 0);

  it('starts with the closing message; the spans do not overlap', () => {
    const spans = getRunSpansAfterClose(chromium, 3);
    expect(spans[0]).toEqual({ from: 0, to: 290_000 });
    for (const [i, { from, to }] of spans.entries()) {
      expect(from).toBeGreaterThanOrEqual(spans[i - 1]?.to ?? 0);
      expect(to).toBeGreaterThan(from);
    }
  });

  it('lasts longer with each sync registration, up to three', () => {
    expect([0, 1, 2, 3].map(workMs)).toEqual([...[0, 1, 2, 3].map(workMs)].sort((a, b) => a - b));
    expect(workMs(1)).toBeGreaterThan(workMs(0));
    expect(workMs(9)).toBe(workMs(3));
  });

  it('lasts 10 s without Background Sync', () => {
    expect(getRunSpansAfterClose(withoutSync, 0)).toEqual([{ from: 0, to: 10_000 }]);
  });
});

describe('forecastUploads', () => {
  it('forecasts the end of an upload that fits into the first span', () => {
    expect(forecastOne(staged(240 * MB))).toEqual({ kind: 'finishes', inMs: 240_000 });
  });

  it('counts the gap before the second span', () => {
    const second = getRunSpansAfterClose(chromium, 3)[1]?.from ?? 0;
    expect(forecastOne(staged(300 * MB))).toEqual({ kind: 'finishes', inMs: second + 10_000 });
  });

  it("forecasts the worker's run time when all spans are too short", () => {
    expect(forecastOne(staged(100_000 * MB), { syncRegistrations: 0 })).toEqual({
      kind: 'continues',
      forMs: 290_000,
      withinMs: 290_000,
      syncRegistered: false,
    });
    expect(forecastOne(staged(100_000 * MB))).toMatchObject({ kind: 'continues', syncRegistered: true });
    expect(forecastOne(staged(20 * MB), { browserSupport: withoutSync, syncRegistrations: 0 })).toMatchObject({
      forMs: 10_000,
    });
  });

  it('forecasts no time without a measured rate', () => {
    const unmeasured = { rateBytesPerSecond: null };
    expect(forecastOne(staged(MB), unmeasured)).toMatchObject({ kind: 'unmeasured', plannedMs: null });
    expect(forecastOne(staged(MB), { ...unmeasured, rememberedBytesPerSecond: MB / 2 })).toMatchObject({
      kind: 'unmeasured',
      plannedMs: 2000,
    });
  });

  it('forecasts no time for an upload that waits to try again', () => {
    const upload = waiting({ reason: 'backoff', nextAttemptAt: 0, message: '' });
    expect(forecastOne(upload)).toMatchObject({ kind: 'retrying', plannedMs: 1000 });
  });

  it('forecasts no time while nothing reaches the server', () => {
    const queue = [{ ...toRemaining(staged(MB)), problem: unreachable }];
    const { id } = queue[0]?.upload ?? staged(MB);
    expect(forecastUploads(queue, inputs).get(id)).toMatchObject({ kind: 'retrying', forMs: expect.any(Number) });
  });

  it('asks for the sign-in of the network', () => {
    const problem = { ...unreachable, code: 'network_sign_in' };
    const remaining = { ...toRemaining(staged(MB)), problem };
    expect(forecastUploads([remaining], inputs).get(remaining.upload.id)).toEqual({
      kind: 'needs-action',
      action: 'network-sign-in',
    });
  });

  it('promises nothing before the server was reached once', () => {
    expect(forecastOne(staged(MB), { hasReachedServer: false })).toEqual({ kind: 'unknown' });
    expect(forecastOne(staged(MB), { hasReachedServer: false, online: false })).toEqual({ kind: 'unknown' });
    const inFetch = waiting({ reason: 'background-fetch', fetchId: 'f' });
    expect(forecastOne(inFetch, { hasReachedServer: false })).toMatchObject({ kind: 'background-fetch' });
  });

  it('resumes with the network only with a sync registration', () => {
    expect(forecastOne(staged(MB), { online: false })).toEqual({ kind: 'network', resumesAutomatically: true });
    expect(forecastOne(waiting({ reason: 'network' }), { online: false, syncRegistrations: 0 })).toMatchObject({
      resumesAutomatically: false,
    });
  });

  it('warns about staging, whatever the upload waits for', () => {
    const staging = createUpload({ sizeBytes: MB, stagedBytes: 1 });
    expect(forecastOne(withState(staging, { status: 'staging' }))).toEqual({ kind: 'staging' });
    const backoff = { reason: 'backoff', nextAttemptAt: 0, message: '' } as const;
    expect(forecastOne(withState(staging, { status: 'waiting', wait: backoff }))).toEqual({ kind: 'staging' });
    const signIn = { reason: 'sign-in' } as const;
    expect(forecastOne(withState(staging, { status: 'waiting', wait: signIn }))).toEqual({ kind: 'staging' });
  });

  it('warns about a paused upload only while a tab stages it', () => {
    const paused = withState(createUpload({ sizeBytes: MB, stagedBytes: 1 }), { status: 'paused' });
    const staging = new Set([paused.id]);
    const waits = { kind: 'needs-action', action: 'resume' };
    expect(forecastOne(paused, { stagingIds: staging })).toEqual({ kind: 'staging' });
    expect(forecastOne(paused)).toEqual(waits);
    // The staging lock is released a moment after the last byte.
    expect(forecastOne({ ...paused, stagedBytes: MB }, { stagingIds: staging })).toEqual(waits);
    expect(forecastQueue([paused, staged(MB)].map(toRemaining), { ...inputs, stagingIds: staging })).toMatchObject({
      forecast: { kind: 'staging' },
      uploadCount: 1,
    });
  });

  it('names the action that the user has to take', () => {
    expect(forecastOne(waiting({ reason: 'sign-in' }))).toEqual({ kind: 'needs-action', action: 'sign-in' });
    expect(forecastOne(waiting({ reason: 'file' }))).toEqual({ kind: 'needs-action', action: 'file' });
    expect(forecastOne(waiting({ reason: 'unconfirmed', message: '' }))).toEqual({
      kind: 'needs-action',
      action: 'unconfirmed',
    });
    expect(forecastOne(staged(MB, { status: 'paused' }))).toEqual({ kind: 'needs-action', action: 'resume' });
    const failed = { status: 'failed', code: 'refused', message: '', failedAt: 0 } as const;
    expect(forecastOne(staged(MB, failed))).toEqual({ kind: 'needs-action', action: 'retry' });
    const tooLarge = { ...failed, code: 'upload_too_large' };
    expect(forecastOne(staged(MB, tooLarge))).toEqual({ kind: 'needs-action', action: 'remove' });
  });

  it('forecasts a Background Fetch by its own rate', () => {
    const inFetch = waiting({ reason: 'background-fetch', fetchId: 'f' });
    expect(forecastOne(inFetch)).toEqual({ kind: 'background-fetch', leftMs: 1000 });
    expect(forecastOne(inFetch, { backgroundFetchBytesPerSecond: MB / 2 })).toEqual({
      kind: 'background-fetch',
      leftMs: 2000,
    });
    expect(forecastOne(inFetch, { rateBytesPerSecond: null })).toEqual({ kind: 'background-fetch', leftMs: null });
  });

  it('sends one upload after the other over the same link', () => {
    const [a, b] = [staged(60 * MB), staged(60 * MB)];
    const forecasts = forecastUploads([a, b].map(toRemaining), inputs);
    expect(forecasts.get(a.id)).toEqual({ kind: 'finishes', inMs: 60_000 });
    expect(forecasts.get(b.id)).toEqual({ kind: 'finishes', inMs: 120_000 });
  });
});

describe('forecastQueue', () => {
  const paused = staged(MB, { status: 'paused' });

  it('covers the last upload sent, and counts those that need the user', () => {
    const forecast = { kind: 'finishes', inMs: 120_000 };
    expect(forecastOf(staged(60 * MB), paused, staged(60 * MB))).toEqual({
      forecast,
      uploadCount: 2,
      waitingCount: 1,
      backgroundFetchCount: 0,
    });
  });

  it('covers uploads that closing interrupts first', () => {
    const staging = withState(createUpload({ sizeBytes: MB, stagedBytes: 0 }), { status: 'staging' });
    expect(forecastOf(staging, staged(MB))).toEqual({
      forecast: { kind: 'staging' },
      uploadCount: 1,
      waitingCount: 0,
      backgroundFetchCount: 0,
    });
  });

  it("covers the worker's uploads, and counts Background Fetches beside them", () => {
    const inFetch = () => waiting({ reason: 'background-fetch', fetchId: 'f' });
    const forecast = { kind: 'finishes', inMs: 60_000 };
    expect(forecastOf(inFetch(), staged(60 * MB), inFetch())).toEqual({
      forecast,
      uploadCount: 1,
      waitingCount: 0,
      backgroundFetchCount: 2,
    });
    expect(forecastOf(inFetch(), paused)).toMatchObject({
      forecast: { kind: 'background-fetch' },
      uploadCount: 1,
      backgroundFetchCount: 0,
    });
  });

  it('covers waiting uploads when nothing is sent, or nothing at all', () => {
    const forecast = { kind: 'needs-action', action: 'resume' };
    expect(forecastOf(paused)).toEqual({
      forecast,
      uploadCount: 1,
      waitingCount: 1,
      backgroundFetchCount: 0,
    });
    const done = staged(MB, { status: 'completed', batch: { batch_id: 'b' }, completedAt: 0 });
    expect(forecastOf(done)).toEqual({
      forecast: { kind: 'nothing-left' },
      uploadCount: 0,
      waitingCount: 0,
      backgroundFetchCount: 0,
    });
  });
});

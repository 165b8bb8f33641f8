import { describe, expect, it } from 'vitest';
import { stretchesAfterClose } from '../../src/shared/budgets.ts';
import { forecast, forecastQueue, type Outlook } from '../../src/shared/forecast.ts';
import { become, type Upload, type UploadState, type Wait } from '../../src/shared/upload.ts';
import { anUpload } from '../support/uploads.ts';

const MB = 1_000_000;
const chromium = { backgroundSync: true, backgroundFetch: true };
const elsewhere = { backgroundSync: false, backgroundFetch: false };
const outlook: Outlook = {
  abilities: chromium,
  online: true,
  alarms: 3,
  copying: new Set(),
  rateBytesPerSecond: MB,
  carrierBytesPerSecond: null,
};

const staged = (sizeBytes: number, state: UploadState = { status: 'uploading' }) =>
  become(anUpload({ sizeBytes }), state);
const waiting = (wait: Wait) => staged(MB, { status: 'waiting', wait });
const remaining = (upload: Upload) => ({ upload, leftBytes: upload.sizeBytes });
const closingOf = (upload: Upload, facts: Partial<Outlook> = {}) =>
  forecast([remaining(upload)], { ...outlook, ...facts }).get(upload.id);
const queueOf = (...uploads: Upload[]) => forecastQueue(uploads.map(remaining), outlook);

describe('the stretches in which a worker runs after the last page is closed', () => {
  const workMs = (alarms: number) =>
    stretchesAfterClose(chromium, alarms).reduce((sum, { from, to }) => sum + to - from, 0);

  it('begin with the closing page’s own message, and follow one another', () => {
    const stretches = stretchesAfterClose(chromium, 3);
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
    expect(stretchesAfterClose(elsewhere, 0)).toEqual([{ from: 0, to: 10_000 }]);
  });
});

describe('if every page is closed now', () => {
  it('finishes what fits into the first stretch, by the clock', () => {
    expect(closingOf(staged(240 * MB))).toEqual({ kind: 'finishes', inMs: 240_000 });
  });

  it('counts the gap before the second stretch', () => {
    const second = stretchesAfterClose(chromium, 3)[1]?.from ?? 0;
    expect(closingOf(staged(300 * MB))).toEqual({ kind: 'finishes', inMs: second + 10_000 });
  });

  it('goes on for all of its stretches and not to the end where they are too short', () => {
    expect(closingOf(staged(100_000 * MB), { alarms: 0 })).toEqual({
      kind: 'goes-on',
      forMs: 290_000,
      withinMs: 290_000,
      alarm: false,
    });
    expect(closingOf(staged(100_000 * MB))).toMatchObject({ kind: 'goes-on', alarm: true });
    expect(closingOf(staged(20 * MB), { abilities: elsewhere, alarms: 0 })).toMatchObject({ forMs: 10_000 });
  });

  it('promises no time that was not measured', () => {
    expect(closingOf(staged(MB), { rateBytesPerSecond: null })).toMatchObject({ kind: 'unmeasured' });
  });

  it('waits for the network, by itself where an alarm is registered', () => {
    expect(closingOf(staged(MB), { online: false })).toEqual({ kind: 'network', byItself: true });
    expect(closingOf(waiting({ reason: 'network' }), { online: false, alarms: 0 })).toMatchObject({ byItself: false });
  });

  it('stops what is still being copied, whatever else it waits for', () => {
    const copying = anUpload({ sizeBytes: MB, stagedBytes: 1 });
    expect(closingOf(become(copying, { status: 'staging' }))).toEqual({ kind: 'copying' });
    const backoff = { reason: 'backoff', nextAttemptAt: 0, message: '' } as const;
    expect(closingOf(become(copying, { status: 'waiting', wait: backoff }))).toEqual({ kind: 'copying' });
    const signIn = { reason: 'sign-in' } as const;
    expect(closingOf(become(copying, { status: 'waiting', wait: signIn }))).toEqual({ kind: 'copying' });
  });

  it('stops the copying of a paused one while somebody copies it, and nothing of one whose copying was cut off', () => {
    const paused = become(anUpload({ sizeBytes: MB, stagedBytes: 1 }), { status: 'paused' });
    const copying = new Set([paused.id]);
    const waits = { kind: 'waits', need: 'resume' };
    expect(closingOf(paused, { copying })).toEqual({ kind: 'copying' });
    expect(closingOf(paused)).toEqual(waits);
    // The lock is let go of a moment after the last byte.
    expect(closingOf({ ...paused, stagedBytes: MB }, { copying })).toEqual(waits);
    expect(forecastQueue([paused, staged(MB)].map(remaining), { ...outlook, copying })).toMatchObject({
      closing: { kind: 'copying' },
      uploads: 1,
    });
  });

  it('says what the user has to do first', () => {
    expect(closingOf(waiting({ reason: 'sign-in' }))).toEqual({ kind: 'waits', need: 'sign-in' });
    expect(closingOf(waiting({ reason: 'file' }))).toEqual({ kind: 'waits', need: 'file' });
    expect(closingOf(waiting({ reason: 'unconfirmed', message: '' }))).toEqual({ kind: 'waits', need: 'unconfirmed' });
    expect(closingOf(staged(MB, { status: 'paused' }))).toEqual({ kind: 'waits', need: 'resume' });
    const failed = { status: 'failed', code: 'refused', message: '', failedAt: 0 } as const;
    expect(closingOf(staged(MB, failed))).toEqual({ kind: 'waits', need: 'retry' });
  });

  it('leaves to the browser what it was handed', () => {
    const carried = waiting({ reason: 'carrier', fetchId: 'f' });
    expect(closingOf(carried)).toEqual({ kind: 'handed-over', leftMs: 1000 });
    expect(closingOf(carried, { carrierBytesPerSecond: MB / 2 })).toEqual({ kind: 'handed-over', leftMs: 2000 });
    expect(closingOf(carried, { rateBytesPerSecond: null })).toEqual({ kind: 'handed-over', leftMs: null });
  });

  it('sends one upload after the other over the same link', () => {
    const [a, b] = [staged(60 * MB), staged(60 * MB)];
    const closings = forecast([a, b].map(remaining), outlook);
    expect(closings.get(a.id)).toEqual({ kind: 'finishes', inMs: 60_000 });
    expect(closings.get(b.id)).toEqual({ kind: 'finishes', inMs: 120_000 });
  });
});

describe('the forecast of a whole queue', () => {
  const paused = staged(MB, { status: 'paused' });

  it('is that of the last one sent, and tells how many wait for the user', () => {
    const closing = { kind: 'finishes', inMs: 120_000 };
    expect(queueOf(staged(60 * MB), paused, staged(60 * MB))).toEqual({ closing, uploads: 2, waiting: 1, carried: 0 });
  });

  it('speaks first of what closing would stop', () => {
    const copying = become(anUpload({ sizeBytes: MB, stagedBytes: 0 }), { status: 'staging' });
    expect(queueOf(copying, staged(MB))).toEqual({ closing: { kind: 'copying' }, uploads: 1, waiting: 0, carried: 0 });
  });

  it('is of what the worker sends where the browser carries the rest, and counts that beside', () => {
    const carried = () => waiting({ reason: 'carrier', fetchId: 'f' });
    const closing = { kind: 'finishes', inMs: 60_000 };
    expect(queueOf(carried(), staged(60 * MB), carried())).toEqual({ closing, uploads: 1, waiting: 0, carried: 2 });
    expect(queueOf(carried(), paused)).toMatchObject({ closing: { kind: 'handed-over' }, uploads: 1, carried: 0 });
  });

  it('speaks of what waits when nothing else is left, and of nothing when nothing is', () => {
    const closing = { kind: 'waits', need: 'resume' };
    expect(queueOf(paused)).toEqual({ closing, uploads: 1, waiting: 1, carried: 0 });
    const done = staged(MB, { status: 'completed', answer: { batch_id: 'b' }, completedAt: 0 });
    expect(queueOf(done)).toEqual({ closing: { kind: 'nothing-left' }, uploads: 0, waiting: 0, carried: 0 });
  });
});

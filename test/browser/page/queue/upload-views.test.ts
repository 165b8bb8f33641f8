import { describe, expect, it } from 'vitest';
import { UNKNOWN_CONDITIONS } from '../../../../src/page/conditions.ts';
import { createProgress } from '../../../../src/page/queue/progress.ts';
import { type Attempted, findLastCause } from '../../../../src/page/queue/server-problem.ts';
import { UploadViews } from '../../../../src/page/queue/upload-views.ts';
import { type UploadState, withState } from '../../../../src/shared/upload.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const MB = 1e6;

/** A staged upload of 10 MB that is being sent, with this report of the worker. */
function createRow(rateBytesPerSecond: number | null, secondsLeft: number | null): Attempted {
  const upload = withState(createUpload({ sizeBytes: 10 * MB }), { status: 'uploading' });
  const progress = { ...createProgress(upload, []), rateBytesPerSecond, secondsLeft };
  return { ...upload, progress, lastCause: null };
}

/** The row in another state, after `failures` rounds without an acknowledgement. */
function changeRow(before: Attempted, state: UploadState, failures = 1): Attempted {
  const upload = withState(before, state, { failures });
  return { ...upload, progress: before.progress, lastCause: findLastCause(upload, before) };
}

const REACHED = { ...UNKNOWN_CONDITIONS, hasReachedServer: true };
const backoff = { reason: 'backoff', nextAttemptAt: 5000, code: 'gateway_error', message: '502' } as const;

function createViews(...rows: Attempted[]): UploadViews {
  return new UploadViews(new Map(rows.map((row) => [row.id, row])));
}

describe('UploadViews', () => {
  it('forecasts the end by the rate and time left that the list shows', () => {
    const views = createViews(createRow(MB, 6));
    views.onConditions(REACHED);
    expect(views.closeForecast.forecast).toEqual({ kind: 'finishes', inMs: 6000 });
  });

  it('forecasts no end by the rate of an earlier visit', () => {
    const views = createViews(createRow(null, null));
    views.onConditions({ ...REACHED, rememberedBytesPerSecond: MB });
    expect(views.closeForecast.forecast).toMatchObject({ kind: 'unmeasured', plannedMs: 10_000 });
  });

  it('shows no rate and no time left while the browser is offline', () => {
    const row = createRow(MB, 6);
    const views = createViews(row);
    expect(views.get(row.id)?.progress).toBe(row.progress);
    views.onConditions({ ...UNKNOWN_CONDITIONS, online: false });
    expect(views.get(row.id)?.progress).toMatchObject({ rateBytesPerSecond: null, secondsLeft: null });
    views.onConditions(UNKNOWN_CONDITIONS);
    expect(views.get(row.id)?.progress.rateBytesPerSecond).toBe(MB);
  });

  it('promises nothing before the conditions are read', () => {
    expect(createViews(createRow(MB, 6)).closeForecast.forecast).toEqual({ kind: 'unknown' });
  });

  it('shows no rate, no end and the reason while the link has a problem', () => {
    const row = createRow(MB, 6);
    const views = createViews(row);
    views.onConditions({ ...REACHED, linkProblem: 'network' });
    const problem = { code: 'network', message: '', nextAttemptAt: null };
    expect(views.get(row.id)).toMatchObject({
      progress: { rateBytesPerSecond: null },
      serverProblem: problem,
      closeForecast: { kind: 'retrying' },
    });
    expect(views.serverProblem).toEqual(problem);
    views.onConditions(REACHED);
    expect(views.get(row.id)).toMatchObject({ serverProblem: null, closeForecast: { kind: 'finishes' } });
  });

  it('keeps the reason of the last round until bytes arrive', () => {
    const waiting = changeRow(createRow(null, null), { status: 'waiting', wait: backoff });
    const cause = { code: 'gateway_error', message: '502' };
    expect(createViews(waiting).serverProblem).toEqual({ ...cause, nextAttemptAt: 5000 });
    const again = changeRow(waiting, { status: 'uploading' });
    expect(createViews(again).serverProblem).toEqual({ ...cause, nextAttemptAt: null });
    const sending = { ...again, progress: { ...again.progress, rateBytesPerSecond: MB } };
    expect(createViews(sending).serverProblem).toBeNull();
    expect(createViews(changeRow(again, { status: 'uploading' }, 0)).serverProblem).toBeNull();
  });

  it('shows the problem of one upload in its row alone if others arrive', () => {
    const waiting = changeRow(createRow(null, null), { status: 'waiting', wait: backoff });
    const views = createViews(waiting, createRow(MB, 6));
    expect(views.get(waiting.id)?.serverProblem).toMatchObject({ code: 'gateway_error' });
    expect(views.serverProblem).toBeNull();
  });

  it('says that a foreign server that never answered may refuse the page', () => {
    const row = createRow(null, null);
    const views = createViews(row);
    views.onConditions({ ...UNKNOWN_CONDITIONS, linkProblem: 'network', unknownHost: 'files.example' });
    expect(views.serverProblem).toMatchObject({ code: 'never_reached', message: 'files.example' });
    expect(views.get(row.id)?.closeForecast).toEqual({ kind: 'unknown' });
  });
});

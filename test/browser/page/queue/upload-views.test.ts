import { describe, expect, it } from 'vitest';
import { UNKNOWN_CONDITIONS } from '../../../../src/page/conditions.ts';
import { createProgress } from '../../../../src/page/queue/progress.ts';
import { type Row, UploadViews } from '../../../../src/page/queue/upload-views.ts';
import { withState } from '../../../../src/shared/upload.ts';
import { createUpload } from '../../../fixtures/upload.ts';

const MB = 1e6;

/** A staged upload of 10 MB that is being sent, with this report of the worker. */
function createRow(rateBytesPerSecond: number | null, secondsLeft: number | null): Row {
  const upload = withState(createUpload({ sizeBytes: 10 * MB }), { status: 'uploading' });
  if (!upload) throw new Error('A queued upload can be uploading.');
  return { ...upload, progress: { ...createProgress(upload, []), rateBytesPerSecond, secondsLeft } };
}

function createViews(...rows: Row[]): UploadViews {
  return new UploadViews(new Map(rows.map((row) => [row.id, row])));
}

describe('UploadViews', () => {
  it('forecasts the end by the rate and time left that the list shows', () => {
    const views = createViews(createRow(MB, 6));
    expect(views.closeForecast.forecast).toEqual({ kind: 'finishes', inMs: 6000 });
  });

  it('forecasts no end by the rate of an earlier visit', () => {
    const views = createViews(createRow(null, null));
    views.onConditions({ ...UNKNOWN_CONDITIONS, rememberedBytesPerSecond: MB });
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
});

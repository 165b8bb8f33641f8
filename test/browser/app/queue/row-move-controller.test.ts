import { expect, it, vi } from 'vitest';
import { RowMoveController } from '../../../../src/app/queue/row-move-controller.ts';
import { AppContext } from '../../../../src/app/state/app-context.ts';
import type { UploadClient, UploadView } from '../../../../src/page/index.ts';
import { createUpload } from '../../../fixtures/upload.ts';

it('leaves a row that cannot be moved and shows the reason', async () => {
  const uploads = [createUpload(), createUpload()] as unknown as UploadView[];
  const moveBefore = vi.fn(async () => undefined);
  const context = new AppContext({ moveBefore } as unknown as UploadClient);
  const moves = new RowMoveController({ context, uploads } as unknown as ConstructorParameters<
    typeof RowMoveController
  >[0]);
  expect(await moves.moveBy(0, 1)).toBe(1);
  moveBefore.mockRejectedValue(new Error('The disk is full.'));
  expect(await moves.moveBy(0, 1)).toBe(null);
  expect(context.toasts.all.map(({ text }) => text)).toEqual(['The disk is full.']);
});

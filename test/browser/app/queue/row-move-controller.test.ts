import { expect, it, vi } from 'vitest';
import { RowMoveController } from '../../../../src/app/queue/row-move-controller.ts';
import { AppContext } from '../../../../src/app/state/app-context.ts';
import type { UploadClient, UploadView } from '../../../../src/page/index.ts';
import { createUpload } from '../../../fixtures/upload.ts';

it('leaves a row that cannot be moved and shows the reason', async () => {
  const uploads = [createUpload(), createUpload()] as unknown as UploadView[];
  const move = vi.fn(async () => undefined);
  const desk = new AppContext({ move } as unknown as UploadClient);
  const moves = new RowMoveController({ desk, uploads } as unknown as ConstructorParameters<
    typeof RowMoveController
  >[0]);
  expect(await moves.moveBy(0, 1)).toBe(1);
  move.mockRejectedValue(new Error('The disk is full.'));
  expect(await moves.moveBy(0, 1)).toBe(null);
  expect(desk.toasts.all.map(({ text }) => text)).toEqual(['The disk is full.']);
});

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { readTempFiles } from '../chunk-socket.ts';
import { Film } from '../film.ts';
import { refusal } from '../peer.ts';

/** More than the part buffers before it is read, and less than one read of the connection. */
const BODY = 62_000;

describe('chunk that is refused when its whole body has arrived', () => {
  it('gets its response, and leaves no file', async () => {
    const film = await Film.create();
    const { server } = film.ada;
    const upload_id = await film.open();
    const hasArrived = new Promise<void>((resolve) => {
      server.app.server.once('request', (message) => message.once('end', resolve));
    });
    const check = server.uploads.checkPartial.bind(server.uploads);
    vi.spyOn(server.uploads, 'checkPartial').mockImplementation(async (...chunk) => {
      await hasArrived;
      // The bytes pass several streams on their way to the form parser.
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      return check(...chunk);
    });
    const partial_sha256 = film.digest(0, 1);
    const refused = await film.ada.chunk(0, 'x'.repeat(BODY), { ...film.plan(1), partial_sha256 });
    expect(refusal(refused)).toBe('409 partial_changed');
    expect((await film.ada.status(upload_id)).json.receiving).toEqual([]);
    expect((await readTempFiles(film.dataDir)).size).toBe(0);
  });
});

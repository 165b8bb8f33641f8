import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadError } from '../../src/shared/errors.ts';
import type { ChunkRequest } from '../../src/shared/requests.ts';
import type { Upload, UploadFacts } from '../../src/shared/upload.ts';
import { UploadsDb } from '../../src/shared/uploads-db.ts';
import { realClock } from '../../sw/clock.ts';
import { Driver } from '../../sw/driver.ts';
import type { Answer, Call, Transport } from '../../sw/transport.ts';
import { anUpload } from '../support/uploads.ts';

const CHUNKS = 12;
const EXACT = ['idempotency_key'];

/** A server by script: says in which order it was called, and answers as it is told. */
class Script implements Transport {
  readonly begun: number[] = [];
  readonly ended: number[] = [];
  mostInFlight = 0;
  #inFlight = 0;
  readonly #features: readonly string[];
  readonly #meanwhile: (index: number, signal: AbortSignal) => unknown;

  /** @param meanwhile what happens while a chunk is on its way; throws what is to become of it. */
  constructor(
    features: readonly string[],
    meanwhile: (index: number, signal: AbortSignal) => unknown = () => undefined,
  ) {
    this.#features = features;
    this.#meanwhile = meanwhile;
  }

  async chunk({ chunk }: ChunkRequest, call: Call): Promise<Answer> {
    this.begun.push(chunk.index);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.#inFlight);
    try {
      await realClock.sleep(5, call.signal);
      await this.#meanwhile(chunk.index, call.signal);
      this.ended.push(chunk.index);
      const isDone = this.ended.length === CHUNKS;
      return { uploadId: 'session', features: this.#features, ...(isDone && { batch: { batch_id: 'b' } }) };
    } finally {
      this.#inFlight--;
    }
  }

  get isQuiet(): boolean {
    return this.#inFlight === 0;
  }

  direct = () => Promise.reject(new UploadError('refused', 'not in this script'));
  status = () => Promise.resolve({ received: [] });
  features = () => Promise.resolve(this.#features);
  discard = () => Promise.resolve(null);
}

describe('the driver', () => {
  let db: UploadsDb;

  beforeEach(async () => {
    db = await UploadsDb.open();
    await db.setToken({ userId: 'ada', token: 't' });
    const uploads = `https://${crypto.randomUUID()}.test`;
    await db.setEndpoint({ api: uploads, uploads, refresh: null, concurrency: 4, chunkBytes: 10, digests: false });
  });

  afterEach(async () => {
    for (const { id } of await db.list('ada')) await db.remove(id);
    db.close();
  });

  const wake = () => ({ kind: 'message', deadline: Date.now() + 20_000 }) as const;

  function driverOf(script: Script): Driver {
    return new Driver({
      db,
      clock: realClock,
      tabs: { post: async () => undefined, count: async () => 0 },
      failedChunks: { push: async () => undefined },
      exclusive: (_name, _signal, work) => work(),
      online: () => true,
      connect: () => script,
    });
  }

  async function queue(facts: Partial<UploadFacts> = {}): Promise<string> {
    const sizeBytes = CHUNKS * 10;
    const plan = { way: 'chunks', chunkBytes: 10, ramp: [] } as const;
    const upload = anUpload({ sizeBytes, stagedBytes: 0, plan, ...facts });
    await db.add(upload);
    await db.putPieces(upload.id, 0, [new Blob([new Uint8Array(sizeBytes)])], (before) => ({
      ...before,
      stagedBytes: sizeBytes,
    }));
    return upload.id;
  }

  async function drive(script: Script): Promise<Upload | undefined> {
    const id = await queue();
    await driverOf(script).drive(wake());
    return db.get(id);
  }

  it('sends chunk 0 alone, then never more than four at once', async () => {
    const script = new Script(EXACT);
    expect((await drive(script))?.status).toBe('completed');
    expect(script.begun[0]).toBe(0);
    expect(script.ended[0]).toBe(0);
    expect(script.mostInFlight).toBe(4);
    expect([...script.begun].sort((a, b) => a - b)).toEqual(Array.from({ length: CHUNKS }, (_, index) => index));
  });

  it('sends the final chunk after all others where the server knows only the original', async () => {
    const script = new Script([]);
    expect((await drive(script))?.status).toBe('completed');
    expect(script.begun.at(-1)).toBe(CHUNKS - 1);
    expect(script.ended.slice(0, -1)).not.toContain(CHUNKS - 1);
  });

  it('aborts the siblings of a refused chunk and waits for them before it speaks', async () => {
    const refused = new UploadError('refused', 'No room for this.', { status: 422, serverCode: 'no_room' });
    const script = new Script(EXACT, (index) => {
      if (index === 3) throw refused;
    });
    const upload = await drive(script);
    expect(upload).toMatchObject({ status: 'failed', code: 'no_room', message: 'No room for this.' });
    expect(script.isQuiet).toBe(true);
    expect(script.begun.length).toBeLessThan(CHUNKS);
  });

  it('sends nothing more of a user once another is signed in', async () => {
    const id = await queue();
    let joined: Promise<unknown> | undefined;
    const script = new Script(EXACT, async (index, signal) => {
      if (index === 0) return;
      await db.setToken({ userId: 'bob', token: 't' });
      joined ??= driver.drive(wake());
      // Without end unless it is aborted.
      await realClock.sleep(1e9, signal);
    });
    const driver = driverOf(script);
    await driver.drive(wake());
    await joined;
    expect([...script.begun].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(script.isQuiet).toBe(true);
    expect(await db.get(id)).toMatchObject({ status: 'uploading' });
  });

  it('does not count what an older generation acknowledges', async () => {
    const upload = anUpload({ generation: 2 });
    await db.add(upload);
    const receipt = { uploadId: upload.id, generation: 1, index: 0, sizeBytes: 10 };
    expect(await db.acknowledge(receipt, () => null)).toBeUndefined();
    expect(await db.receipts(upload.id, 1)).toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadError } from '../../src/shared/errors.ts';
import { piecesOf } from '../../src/shared/pieces.ts';
import type { ChunkRequest } from '../../src/shared/requests.ts';
import type { Upload, UploadFacts } from '../../src/shared/upload.ts';
import { UploadsDb } from '../../src/shared/uploads-db.ts';
import { realClock } from '../../sw/clock.ts';
import { Driver } from '../../sw/driver.ts';
import type { Answer, Call, Transport } from '../../sw/transport.ts';
import { anUpload } from '../support/uploads.ts';

const MIB = 1024 * 1024;
const CHUNKS = 12;
const EXACT = ['idempotency_key'];
/** With these a chunk says itself where it belongs. */
const ANYWHERE = [...EXACT, 'generation', 'chunk_offset'];

/** A server by script: says in which order it was called, and answers as it is told. */
class Script implements Transport {
  readonly multiplexed = false;
  readonly begun: number[] = [];
  /** The uploads that were direct, in their order. */
  readonly whole: string[] = [];
  /** How many chunks had begun before each of them. */
  readonly chunksBeforeWhole: number[] = [];
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

  async direct(upload: Upload): Promise<Answer> {
    this.whole.push(upload.id);
    this.chunksBeforeWhole.push(this.begun.length);
    return { batch: { batch_id: upload.id }, features: this.#features };
  }

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
      downlink: () => null,
      connect: () => script,
    });
  }

  async function queue(facts: Partial<UploadFacts> = {}, sizeBytes = CHUNKS * 10): Promise<string> {
    const plan = { way: 'chunks', chunkBytes: sizeBytes / CHUNKS, ramp: [] } as const;
    const upload = anUpload({ sizeBytes, stagedBytes: 0, plan, ...facts });
    await db.add(upload);
    const pieces = piecesOf([{ name: '', type: '', sizeBytes, modifiedAt: 0 }]);
    const blobs = pieces.map(({ start, end }) => new Blob([new Uint8Array(end - start)]));
    await db.putPieces(upload.id, 0, blobs, (before) => ({ ...before, stagedBytes: sizeBytes }));
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

  it('starts with any chunks where an earlier answer said that each tells its place', async () => {
    await drive(new Script(ANYWHERE));
    const script = new Script(ANYWHERE, (index) => {
      if (index === 0) expect(script.begun.length).toBeGreaterThan(1);
    });
    expect((await drive(script))?.status).toBe('completed');
    expect(script.begun.slice(0, 4)).toEqual([0, 1, 2, 3]);
  });

  it('lets a small upload pass a giant, and the rest go in the user’s order', async () => {
    const giant = await queue({ files: [{ name: 'giant', type: '', sizeBytes: 12 * MIB, modifiedAt: 0 }] }, 12 * MIB);
    const [a, b] = [await queue({ plan: { way: 'direct' } }), await queue({ plan: { way: 'direct' } })];
    await db.move(b, a);
    const script = new Script(EXACT);
    await driverOf(script).drive(wake());
    expect((await db.get(giant))?.status).toBe('completed');
    expect(script.whole).toEqual([b, a]);
    expect(Math.max(...script.chunksBeforeWhole)).toBeLessThan(CHUNKS);
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

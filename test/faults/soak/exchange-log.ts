import type { FormHead } from './form-head.ts';

/** One upload request, as the proxy saw it. */
export interface Exchange {
  readonly startedAt: number;
  /** The name of the first file of the upload. */
  readonly file: string;
  readonly kind: 'chunk' | 'direct';
  readonly index: number;
  readonly total: number;
  readonly generation: number;
  readonly sessionId: string | null;
  readonly hasDigest: boolean;
  /** Length of the whole body, from its head. */
  readonly sizeBytes: number;
  /** Bytes of the body that arrived. */
  sentBytes: number;
  /** When and in which session the server answered 2xx, whether or not the browser received it. */
  committed: { readonly at: number; readonly sessionId: string | null; readonly batchId: string | null } | null;
  /** When a complete 2xx response was sent to the browser. */
  deliveredAt: number | null;
  /** When the exchange was over. */
  endedAt: number | null;
}

/** A fault that happened, and the upload it hit. Null stands for all. */
export interface InjectedFault {
  readonly fault: string;
  readonly at: number;
  readonly file: string | null;
}

/** A chunk that was sent again although its acknowledgement was delivered. */
export interface ResentChunk {
  readonly file: string;
  readonly index: number;
}

/** A response delivered this shortly before the browser stopped may not be in its database. */
const DELIVERY_MS = 2000;

/** Records every request, response and fault. */
export class ExchangeLog {
  readonly exchanges: Exchange[] = [];
  readonly faults: InjectedFault[] = [];
  /** Times `[from, to]` in which the browser could store nothing. */
  readonly #blind: (readonly [number, number])[] = [];
  readonly #signIns: { readonly user: string; readonly at: number }[] = [];
  readonly #ownerOf: (file: string) => string | undefined;

  constructor(ownerOf: (file: string) => string | undefined) {
    this.#ownerOf = ownerOf;
  }

  recordExchange(path: string, head: FormHead, sizeBytes: number): Exchange {
    const { fields } = head;
    const exchange: Exchange = {
      startedAt: Date.now(),
      file: fields.get('filename') ?? head.filename ?? '',
      kind: path.endsWith('-chunk') ? 'chunk' : 'direct',
      index: Number(fields.get('chunk_index') ?? 0),
      total: Number(fields.get('total_chunks') ?? 1),
      generation: Number(fields.get('generation') ?? 0),
      sessionId: fields.get('upload_id') ?? null,
      hasDigest: fields.has('chunk_sha256') || fields.has('file_sha256'),
      sizeBytes,
      sentBytes: 0,
      committed: null,
      deliveredAt: null,
      endedAt: null,
    };
    this.exchanges.push(exchange);
    return exchange;
  }

  recordFault(fault: string, file: string | null, at: number): void {
    this.faults.push({ fault, at, file });
  }

  /** Records that the browser was stopped, or its database refused writes, until now. */
  recordBlindSpell(from: number): void {
    this.#blind.push([from - DELIVERY_MS, Date.now()]);
  }

  /** Records a sign-in. Uploads of other users wait from now on. */
  recordSignIn(user: string): void {
    this.#signIns.push({ user, at: Date.now() });
  }

  /** Counts the requests in flight for a session. */
  countInFlight(sessionId: string): number {
    return this.exchanges.filter((exchange) => exchange.sessionId === sessionId && exchange.endedAt === null).length;
  }

  /** Finds chunks that were sent although the browser had their acknowledgement. */
  findResentChunks(): ResentChunk[] {
    const acknowledgedAt = new Map<string, number>();
    const again: ResentChunk[] = [];
    for (const { committed, deliveredAt, file, generation, index, startedAt, sessionId } of this.exchanges) {
      const key = JSON.stringify([file, generation, sessionId ?? committed?.sessionId ?? '', index]);
      const before = acknowledgedAt.get(key);
      if (before !== undefined && before < startedAt) again.push({ file, index });
      if (deliveredAt !== null && !this.#mayBeLost(deliveredAt)) {
        acknowledgedAt.set(key, Math.min(before ?? deliveredAt, deliveredAt));
      }
    }
    return again;
  }

  /**
   * Ms from a fault to the first acknowledgement of a later request, without the time in which its
   * user was signed out. Null for never.
   */
  getRecoveryMs({ at, file }: InjectedFault): number | null {
    const next = this.exchanges.find(
      (exchange) =>
        exchange.startedAt >= at && exchange.deliveredAt !== null && (file === null || exchange.file === file),
    );
    if (!next?.deliveredAt) return null;
    const owner = file === null ? undefined : this.#ownerOf(file);
    return next.deliveredAt - at - (owner === undefined ? 0 : this.#getSignedOutMs(owner, at, next.deliveredAt));
  }

  #getSignedOutMs(owner: string, from: number, to: number): number {
    const spells = this.#signIns.map(({ user, at }, i) => {
      const end = this.#signIns[i + 1]?.at ?? to;
      return user === owner ? 0 : Math.max(0, Math.min(end, to) - Math.max(at, from));
    });
    return spells.reduce((sum, ms) => sum + ms, 0);
  }

  #mayBeLost(at: number): boolean {
    return this.#blind.some(([from, to]) => from <= at && at <= to);
  }
}

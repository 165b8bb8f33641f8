import type { FormHead } from './form-head.ts';

/** One upload request on its way, as the wire saw it. */
export interface Exchange {
  readonly startedAt: number;
  /** The name of the upload's first file. */
  readonly file: string;
  readonly kind: 'chunk' | 'direct';
  readonly index: number;
  readonly total: number;
  readonly generation: number;
  readonly sessionId: string | null;
  readonly hasDigest: boolean;
  /** Of the whole body, as its head announced them. */
  readonly sizeBytes: number;
  /** Of the body, as far as they came. */
  sentBytes: number;
  /** When the server said 2xx, whoever heard it, and in which session. */
  committed: { readonly at: number; readonly sessionId: string | null; readonly batchId: string | null } | null;
  /** When such an answer left for the browser, whole. */
  deliveredAt: number | null;
  /** When nothing more could happen to it. */
  endedAt: number | null;
}

/** A fault that came to pass, and what it hit: one upload, or null for everything. */
export interface InjectedFault {
  readonly fault: string;
  readonly at: number;
  readonly file: string | null;
}

/** A chunk whose acknowledgement was delivered, and which was sent once more. */
export interface ResentChunk {
  readonly file: string;
  readonly index: number;
}

/** An answer that left this long before the browser was stopped may not have reached its database. */
const DELIVERY_MS = 2000;

/** Everything that happened: what was sent, what was answered, what was done to it. */
export class ExchangeLog {
  readonly exchanges: Exchange[] = [];
  readonly faults: InjectedFault[] = [];
  /** When the browser could book nothing, `[from, to]`. */
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

  /** The browser was stopped, or its database refused everything, until now. */
  recordBlindSpell(from: number): void {
    this.#blind.push([from - DELIVERY_MS, Date.now()]);
  }

  /** From now on this user is signed in; another one's uploads wait. */
  recordSignIn(user: string): void {
    this.#signIns.push({ user, at: Date.now() });
  }

  /** Requests under way for a session. */
  countInFlight(sessionId: string): number {
    return this.exchanges.filter((exchange) => exchange.sessionId === sessionId && exchange.endedAt === null).length;
  }

  /** Chunks sent although the browser had their acknowledgement. */
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

  /** Ms from a fault to the first acknowledgement of a request begun after it, while its user was signed in; null for never. */
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

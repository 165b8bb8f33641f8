/** One direction of a link. */
export interface LineOptions {
  readonly bytesPerSecond: number;
  /** The limit of one connection. None unless given. */
  readonly capBytesPerSecond?: number;
  /** From one end to the other. */
  readonly delayMs: number;
}

/** The bytes of one connection: queued, on the wire, and delivered. */
export interface Lane {
  /** Offers bytes that were read at the near end. */
  offer(bytes: Buffer): void;
  /** Offers no more bytes. `ended` is called after the last one. */
  end(): void;
  /** Discards all bytes under way. */
  close(): void;
}

/** Callbacks of the owner of a lane. */
export interface LaneEnds {
  /** Delivers bytes at the far end. Returns false when no more can be taken until `Line.wake`. */
  deliver(bytes: readonly Buffer[]): void;
  /** Whether the far end accepts more bytes. */
  hasRoom(): boolean;
  /** Whether the near end may offer more bytes. */
  flow(open: boolean): void;
  ended(): void;
}

/**
 * Read-ahead of a connection, as time on the wire: the delay of this process that does not
 * interrupt the stream.
 */
const AHEAD_MS = 16;
/**
 * Bytes are scheduled this long before their departure, so that a new connection does not wait
 * behind all bytes of the others.
 */
const HORIZON_MS = 2;
/** Turn of one connection on the wire, as time. */
const TURN_MS = 1;
const SMALLEST_TURN = 4 * 1024;
const LARGEST_TURN = 64 * 1024;
/** Timers count whole milliseconds. Half a millisecond early or late cancels out on average. */
const EARLY_MS = 0.5;

/**
 * A wire that all connections share in turns. Departures are computed: a connection that a late
 * timer serves gets the time that has passed, so the rate is exact even with coarse timers, as long
 * as bytes are waiting.
 */
export class Line {
  readonly #capPerMs: number;
  readonly #delayMs: number;
  readonly #lanes = new Set<WireLane>();
  #perMs = 0;
  #aheadBytes = 0;
  #turnBytes = 0;
  #carriedBytes = 0;
  #freeAt = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor({ bytesPerSecond, capBytesPerSecond = Number.POSITIVE_INFINITY, delayMs }: LineOptions) {
    this.#capPerMs = capBytesPerSecond / 1000;
    this.#delayMs = delayMs;
    this.setRate(bytesPerSecond);
  }

  /** Changes the rate of bytes that have not departed. */
  setRate(bytesPerSecond: number): void {
    this.#perMs = bytesPerSecond / 1000;
    this.#aheadBytes = Math.max(LARGEST_TURN, AHEAD_MS * this.#perMs);
    this.#turnBytes = Math.round(Math.min(LARGEST_TURN, Math.max(SMALLEST_TURN, TURN_MS * this.#perMs)));
  }

  lane(ends: LaneEnds): Lane {
    const lane = new WireLane(
      ends,
      () => this.#aheadBytes,
      () => this.wake(),
    );
    this.#lanes.add(lane);
    return lane;
  }

  /** Bytes that departed since the last call. */
  takeCarriedBytes(): number {
    const bytes = this.#carriedBytes;
    this.#carriedBytes = 0;
    return bytes;
  }

  /** Resumes after bytes were offered or the far end accepts bytes again. */
  wake(): void {
    this.#timer ??= setTimeout(() => this.#tick(), 1);
  }

  #tick(): void {
    this.#timer = null;
    const now = performance.now();
    this.#board(now);
    for (const lane of this.#lanes) {
      lane.land(now + EARLY_MS);
      if (lane.isOver) this.#lanes.delete(lane);
      else if (lane.isActive) this.wake();
    }
  }

  /** Schedules waiting bytes up to the horizon, one turn for each connection. */
  #board(now: number): void {
    while (this.#freeAt < now + HORIZON_MS) {
      const lane = this.#next();
      if (!lane || lane.readyAt > now + HORIZON_MS) return;
      const { bytes, readAt } = lane.take(this.#turnBytes);
      const from = Math.max(this.#freeAt, lane.readyAt, readAt);
      this.#freeAt = from + bytes.length / this.#perMs;
      lane.readyAt = Math.max(lane.readyAt, readAt) + bytes.length / this.#capPerMs;
      this.#carriedBytes += bytes.length;
      lane.fly(bytes, this.#freeAt + this.#delayMs);
      // Served connections move to the end of the set.
      this.#lanes.delete(lane);
      this.#lanes.add(lane);
    }
  }

  #next(): WireLane | undefined {
    let next: WireLane | undefined;
    for (const lane of this.#lanes) {
      if (lane.canBoard && (!next || lane.readyAt < next.readyAt)) next = lane;
    }
    return next;
  }
}

class WireLane implements Lane {
  /** When the cap of the connection allows its next byte. */
  readyAt = 0;
  readonly #ends: LaneEnds;
  readonly #getAheadBytes: () => number;
  readonly #wake: () => void;
  readonly #waiting: { bytes: Buffer; readAt: number }[] = [];
  readonly #flying: { bytes: Buffer; at: number }[] = [];
  #waitingBytes = 0;
  #isOpen = true;
  #hasEnd = false;
  isOver = false;

  constructor(ends: LaneEnds, getAheadBytes: () => number, wake: () => void) {
    this.#ends = ends;
    this.#getAheadBytes = getAheadBytes;
    this.#wake = wake;
  }

  get canBoard(): boolean {
    return this.#waiting.length > 0 && this.#ends.hasRoom();
  }

  get isActive(): boolean {
    return this.#flying.length > 0 || this.canBoard;
  }

  offer(bytes: Buffer): void {
    this.#waiting.push({ bytes, readAt: performance.now() });
    this.#waitingBytes += bytes.length;
    this.#setFlow();
    this.#wake();
  }

  end(): void {
    this.#hasEnd = true;
    this.#wake();
  }

  close(): void {
    this.#waiting.length = 0;
    this.#flying.length = 0;
    this.isOver = true;
  }

  take(most: number): { bytes: Buffer; readAt: number } {
    const first = this.#waiting[0];
    if (!first) throw new Error('Nothing waits here.');
    const bytes = first.bytes.subarray(0, most);
    if (bytes.length === first.bytes.length) this.#waiting.shift();
    else first.bytes = first.bytes.subarray(most);
    this.#waitingBytes -= bytes.length;
    this.#setFlow();
    return { bytes, readAt: first.readAt };
  }

  fly(bytes: Buffer, at: number): void {
    this.#flying.push({ bytes, at });
  }

  /** Delivers the bytes that have arrived by now. */
  land(now: number): void {
    const up = this.#flying.findIndex(({ at }) => at > now);
    const landed = this.#flying.splice(0, up < 0 ? this.#flying.length : up);
    if (landed.length > 0) this.#ends.deliver(landed.map(({ bytes }) => bytes));
    if (!this.#hasEnd || this.#waiting.length > 0 || this.#flying.length > 0) return;
    this.isOver = true;
    this.#ends.ended();
  }

  #setFlow(): void {
    const open = this.#waitingBytes < this.#getAheadBytes();
    if (open === this.#isOpen) return;
    this.#isOpen = open;
    this.#ends.flow(open);
  }
}

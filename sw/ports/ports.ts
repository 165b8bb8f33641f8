import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import type { Endpoint } from '../../src/shared/endpoint.ts';
import type { Notice } from '../../src/shared/messages.ts';
import type { Supports } from '../../src/shared/requests.ts';
import type { Clock } from './clock.ts';
import type { Transport } from './transport.ts';

/** The open tabs of the app, hidden and uncontrolled ones too. */
export interface Tabs {
  post(notice: Notice): Promise<void>;
  count(): Promise<number>;
}

/** The ledger of chunks that are out of attempts; its entries are derived from the database, never its master. */
export interface FailedChunks {
  push(entry: FailedChunk): Promise<void>;
}

export interface FailedChunk {
  readonly uploadId: string;
  readonly generation: number;
  readonly index: number;
}

/** Runs work under a named lock that dies with the worker; rejects with the signal's reason when it waited too long. */
export type RunExclusive = <T>(name: string, signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T>;

/** Everything outside the driver, chosen in one place. */
export interface DriverDependencies {
  readonly db: UploadsDb;
  readonly clock: Clock;
  readonly tabs: Tabs;
  readonly failedChunks: FailedChunks;
  readonly exclusive: RunExclusive;
  /** False is certain, true is not: a connected network may still lead nowhere. */
  online(): boolean;
  /** Whether this is mobile data, as far as the browser tells. */
  onMobileData(): boolean;
  /** What the browser takes the link for, in bytes per second; null where it does not say, or no more than that it is fast. */
  downlink(): number | null;
  createTransport(endpoint: Endpoint, speak: () => Supports): Transport;
}

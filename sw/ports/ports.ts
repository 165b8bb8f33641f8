import type { UploadsDb } from '../../src/shared/db/uploads-db.ts';
import type { Endpoint } from '../../src/shared/endpoint.ts';
import type { Notice } from '../../src/shared/messages.ts';
import type { Clock } from './clock.ts';
import type { ProfileStore, Transport } from './transport.ts';

/** The open tabs of the app, including hidden and uncontrolled ones. */
export interface Tabs {
  post(notice: Notice): Promise<void>;
  count(): Promise<number>;
  /** Whether a tab is visible to the user. */
  hasVisible(): Promise<boolean>;
}

/** The queue of chunks that have no attempts left. Its entries are derived from the database. */
export interface FailedChunks {
  push(entry: FailedChunk): Promise<void>;
}

/** A chunk without attempts left. */
export interface FailedChunk {
  readonly uploadId: string;
  readonly generation: number;
  readonly index: number;
}

/**
 * Runs work while it holds a named lock, which ends with the worker.
 *
 * @param signal ends the wait for the lock; the promise then rejects with the signal's reason.
 */
export type RunExclusive = <T>(name: string, signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T>;

/** The dependencies of the driver. */
export interface DriverDependencies {
  readonly db: UploadsDb;
  readonly clock: Clock;
  readonly tabs: Tabs;
  readonly failedChunks: FailedChunks;
  readonly exclusive: RunExclusive;
  /** False is certain; true may still be a network without internet access. */
  online(): boolean;
  /** Whether the connection is cellular, if the browser reports it. */
  isOnCellular(): boolean;
  /**
   * The browser's estimate of a slow connection in bytes per second; null for a fast or unknown
   * one.
   */
  downlink(): number | null;
  createTransport(endpoint: Endpoint, profile: ProfileStore): Transport;
}

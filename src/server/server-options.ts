import type { ProviderOptions } from './auth/identity-provider.ts';
import type { AppOptions } from './http/app.ts';
import type { UploadTypes } from './uploads/upload-types.ts';

/** The options of a server. */
export interface ServerOptions extends AppOptions {
  /** Holds everything that the server stores; created when it is missing. */
  readonly dataDir: string;
  /**
   * `basic` serves no extensions and no batch lists, which tests clients; `extended` by default.
   */
  readonly level?: 'extended' | 'basic';
  /** The folder of the built app; without it only the API is served. */
  readonly staticDir?: string;
  /** The largest request body, in bytes; 100 MiB by default. */
  readonly maxBodyBytes?: number;
  readonly uploadTypes?: UploadTypes;
  /** The most chunks of one upload; 100,000 by default. */
  readonly maxChunks?: number;
  /** The size of one upload, in bytes; 100 GiB by default. */
  readonly maxUploadBytes?: number;
  /** The most unfinished uploads of one user; 1000 by default. */
  readonly maxOpenSessions?: number;
  /** The size of all unfinished uploads of one user, in bytes; 200 GiB by default. */
  readonly maxOpenBytes?: number;
  /** The size of everything that one user has stored, in bytes; 500 GiB by default. */
  readonly maxUserBytes?: number;
  /** The bytes of the disk that stay free; 1 GiB by default. */
  readonly minFreeBytes?: number;
  /** The age at which batches are deleted, in days; never by default. */
  readonly retentionDays?: number;
  /** The lifetime of access tokens; 15 minutes by default. */
  readonly tokenTtlSeconds?: number;
  /** Replaces the server's own sign-in. */
  readonly provider?: ProviderOptions | null;
}

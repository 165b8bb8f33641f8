import type { ProviderOptions } from './auth/identity-provider.ts';
import type { AppOptions } from './http/app.ts';
import type { UploadTypes } from './uploads/upload-types.ts';

/** How a server runs. */
export interface ServerOptions extends AppOptions {
  /** Holds everything that the server stores; created when it is missing. */
  readonly dataDir: string;
  /**
   * `basic` serves no extensions and no batch lists, to test clients against; `extended` by
   * default.
   */
  readonly level?: 'extended' | 'basic';
  /** The folder of the built app; without it only the API is served. */
  readonly staticDir?: string;
  /** Of a whole request, in bytes; 100 MiB by default. */
  readonly maxBodyBytes?: number;
  readonly uploadTypes?: UploadTypes;
  /** Of one upload; 100,000 by default. */
  readonly maxChunks?: number;
  /** Of one upload, in bytes; 100 GiB by default. */
  readonly maxUploadBytes?: number;
  /** Unfinished uploads of one user; 1000 by default. */
  readonly maxOpenSessions?: number;
  /** All unfinished uploads of one user, in bytes; 200 GiB by default. */
  readonly maxOpenBytes?: number;
  /** Of access tokens; 15 minutes by default. */
  readonly tokenTtlSeconds?: number;
  /** Replaces the server's own sign-in. */
  readonly provider?: ProviderOptions | null;
}

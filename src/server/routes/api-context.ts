import type { Auth, UploaderAuth } from '../auth/auth.ts';
import type { GuestLinks } from '../guests/guest-links.ts';
import type { UploaderUploads } from '../guests/guest-uploads.ts';
import type { Readiness } from '../readiness.ts';
import type { ByteStore } from '../store/byte-store.ts';
import type { CleanUp } from '../uploads/clean-up.ts';
import type { FileLists } from '../uploads/file-lists.ts';
import type { FieldRules } from '../uploads/form-fields.ts';
import type { IncomingChunks } from '../uploads/incoming-chunks.ts';
import type { UploadService } from '../uploads/upload-service.ts';

/** The public methods of the upload service. */
export type Uploads = Pick<UploadService, keyof UploadService>;

/** Where browsers keep the refresh cookie. */
export interface CookiePlace {
  readonly name: string;
  readonly path: string;
  readonly isSecure: boolean;
}

/** The services and limits that the routes of uploads share. */
export interface UploadContext {
  readonly auth: UploaderAuth;
  readonly uploads: UploaderUploads;
  readonly incoming: IncomingChunks;
  readonly bytes: ByteStore;
  readonly fileLists: FileLists;
  readonly fieldRules: FieldRules;
  readonly maxBodyBytes: number;
  readonly maxUploadBytes: number;
  /** How long a request may take to prove whose it is, in ms. */
  readonly strangerMs: number;
}

/** The services and limits that all routes share. */
export interface ApiContext extends UploadContext {
  readonly auth: Auth;
  readonly uploads: Uploads;
  readonly cleanUp: CleanUp;
  readonly guestLinks: GuestLinks;
  readonly readiness: Readiness;
  readonly refreshCookie: CookiePlace;
}

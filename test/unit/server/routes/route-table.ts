import { type ApiResponse, form, type Peer } from '../peer.ts';

/** An unfinished upload, a batch, a device and a guest link of ada. */
export interface Owned {
  readonly deviceId: string;
  readonly guestLinkId: string;
  readonly uploadId: string;
  readonly ticket: string;
  readonly batchId: string;
}

/** The response to another signed-in user: 404, or that user's own uploads. */
type ForOthers = '404' | 'own';

/** How the tests ask a route. */
export interface Row {
  readonly ask: (caller: Peer, owned: Owned, fields: Record<string, string>) => Promise<ApiResponse>;
  readonly forOthers: ForOthers;
}

const file = () => new Blob(['x']);
const get = (path: (owned: Owned) => string, forOthers: ForOthers = '404'): Row => ({
  ask: (caller, owned) => caller.get(path(owned)),
  forOthers,
});

/** Every route that requires a user. A new route needs a row here or in `OPEN`. */
export const ROWS: Readonly<Record<string, Row>> = {
  'POST /api/batches/upload': {
    ask: (caller, _owned, fields) =>
      caller.send('POST', '/batches/upload', form({ upload_type: 'file', ...fields, file: file() })),
    forOthers: 'own',
  },
  'POST /api/batches/upload-bundle': {
    ask: (caller) => {
      const uploads = [{ idempotency_key: 'b', upload_type: 'file', filename: 'x', size_bytes: 1 }];
      const parts = { uploads: new Blob([JSON.stringify(uploads)]), bytes: file() };
      return caller.send('POST', '/batches/upload-bundle', form(parts));
    },
    forOthers: 'own',
  },
  'POST /api/batches/upload-chunk': {
    ask: (caller, { uploadId: upload_id }, fields) => caller.chunk(1, 'x', { upload_id, ...fields }),
    forOthers: '404',
  },
  'GET /api/batches/upload-chunk/:id': get(({ uploadId }) => `/batches/upload-chunk/${uploadId}`),
  'DELETE /api/batches/upload-chunk/:id': {
    ask: (caller, { uploadId }) => caller.send('DELETE', `/batches/upload-chunk/${uploadId}`),
    forOthers: '404',
  },
  'GET /api/auth/devices': get(() => '/auth/devices', 'own'),
  'DELETE /api/auth/devices/:id': {
    ask: (caller, { deviceId }) => caller.send('DELETE', `/auth/devices/${deviceId}`),
    forOthers: '404',
  },
  'POST /api/auth/devices/link': { ask: (caller) => caller.send('POST', '/auth/devices/link'), forOthers: 'own' },
  'GET /api/guest-links': get(() => '/guest-links', 'own'),
  'POST /api/guest-links': {
    ask: (caller) => {
      const limits = JSON.stringify({ max_files: 1, max_bytes: 1, days: 1 });
      return caller.send('POST', '/guest-links', limits, { 'Content-Type': 'application/json' });
    },
    forOthers: 'own',
  },
  'DELETE /api/guest-links/:id': {
    ask: (caller, { guestLinkId }) => caller.send('DELETE', `/guest-links/${guestLinkId}`),
    forOthers: '404',
  },
  'GET /api/batches': get(() => '/batches', 'own'),
  'GET /api/batches/:id': get(({ batchId }) => `/batches/${batchId}`),
  'DELETE /api/batches/:id': {
    ask: (caller, { batchId }) => caller.send('DELETE', `/batches/${batchId}`),
    forOthers: '404',
  },
  'GET /api/batches/:id/files': get(({ batchId }) => `/batches/${batchId}/files`),
  'GET /api/batches/:id/files/:n': get(({ batchId }) => `/batches/${batchId}/files/0`),
  'GET /api/batches/:id/zip': get(({ batchId }) => `/batches/${batchId}/zip`),
};

/** Every route for guests. No user has access to them. */
export const GUEST_ROWS: Readonly<Record<string, Row['ask']>> = {
  'GET /api/guest/link': (caller) => caller.get('/guest/link'),
  'GET /api/guest/batches': (caller) => caller.get('/guest/batches'),
  'POST /api/guest/batches/upload': (caller) =>
    caller.send('POST', '/guest/batches/upload', form({ upload_type: 'file', idempotency_key: 'k', file: file() })),
  'POST /api/guest/batches/upload-chunk': (caller, { uploadId: upload_id, ticket }) =>
    caller.send('POST', '/guest/batches/upload-chunk', form({ upload_id, ticket, chunk: file() })),
  'GET /api/guest/batches/upload-chunk/:id': (caller, { uploadId }) =>
    caller.get(`/guest/batches/upload-chunk/${uploadId}`),
  'DELETE /api/guest/batches/upload-chunk/:id': (caller, { uploadId }) =>
    caller.send('DELETE', `/guest/batches/upload-chunk/${uploadId}`),
};

/** Routes without a user: they reveal nothing, or require a code or a cookie. */
export const OPEN = [
  'GET /api/health',
  'GET /api/ready',
  'GET /api/auth/config',
  'POST /api/auth/session',
  'POST /api/auth/refresh',
  'POST /api/auth/sign-out',
];

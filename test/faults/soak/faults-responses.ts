import type { Exchange } from './exchange-log.ts';
import type { Fault, RequestFault } from './fault.ts';

/** Answers in place of the server and forwards nothing. */
export function errorResponse(
  status: number,
  code: string,
  fits: (exchange: Exchange) => boolean,
  headers: () => Record<string, string> = () => ({}),
): RequestFault {
  return {
    where: 'request',
    matches: fits,
    async apply(proxied) {
      await proxied.discardRequest();
      await proxied.respondError(status, code, headers());
      return 'hit';
    },
  };
}

/** Answers with a page in place of the server, or redirects to one. */
function createPage(status: number): RequestFault {
  return {
    where: 'request',
    matches: any,
    async apply(proxied) {
      await proxied.discardRequest();
      await proxied.respondPage(status, status === 302 ? { location: '/sign-in' } : {});
      return 'hit';
    },
  };
}

const any = () => true;
const hasSession = ({ sessionId }: Exchange) => sessionId !== null;
/** Large enough to be cut smaller, and not cut for another reason before. */
const isDivisible = ({ kind, generation, sizeBytes, file, index }: Exchange) =>
  kind === 'chunk' ? generation === 0 && index > 0 : sizeBytes > 1_000_000 && file.endsWith('.bin');

const busy = [500, 502, 503, 504, 524].map(
  (status): Fault => ({ name: `answered ${status}`, weight: 2, draw: () => errorResponse(status, 'fault', any) }),
);

/** Error responses of a server. */
export const RESPONSE_FAULTS: readonly Fault[] = [
  ...busy,
  {
    name: 'page of a proxy',
    weight: 2,
    draw: (random) => createPage(random.pick([200, 302, 401, 403, 404, 410])),
  },
  {
    name: 'Retry-After in seconds',
    weight: 2,
    draw: (random) => {
      const [status, seconds] = [random.pick([429, 503]), random.whole(1, 4)];
      return errorResponse(status, 'server_busy', any, () => ({ 'retry-after': String(seconds) }));
    },
  },
  {
    name: 'Retry-After as a date',
    weight: 2,
    draw: (random) => {
      const [status, delayMs] = [random.pick([429, 503]), random.whole(1000, 4000)];
      return errorResponse(status, 'server_busy', any, () => ({
        'retry-after': new Date(Date.now() + delayMs).toUTCString(),
      }));
    },
  },
  {
    name: 'Retry-After far away',
    weight: 0,
    phase: 'early',
    draw: (random) => {
      const far = random.pick(['86400', '99999999999', 'Fri, 31 Dec 2100 23:59:59 GMT']);
      return errorResponse(503, 'server_busy', any, () => ({ 'retry-after': far }));
    },
  },
  { name: '401 with a tab open', weight: 3, draw: () => errorResponse(401, 'token_expired', any) },
  { name: '409', weight: 2, draw: () => errorResponse(409, 'conflict', hasSession) },
  { name: '413', weight: 2, draw: () => errorResponse(413, 'too_large', isDivisible) },
];

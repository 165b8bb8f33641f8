import type { FuzzRequest } from './requests.ts';

/** A request on its way. */
interface Flight {
  readonly chunk: string | null;
  mayBeCut: boolean;
}

/**
 * Knows the requests that the server may end because of another one: a chunk that says what its
 * client knows of the kept bytes ends older requests for the same chunk, and a query or an abort of
 * a session ends those of the session.
 */
export class CutsByOthers {
  readonly #flights = new Set<Flight>();

  /** @returns whether another request may have ended this one. */
  async track<T>(request: FuzzRequest, send: () => Promise<T>): Promise<readonly [T, boolean]> {
    const flight: Flight = { chunk: toChunk(request), mayBeCut: false };
    for (const older of this.#flights) if (older.chunk !== null && ends(request, flight, older)) older.mayBeCut = true;
    this.#flights.add(flight);
    try {
      return [await send(), flight.mayBeCut];
    } finally {
      this.#flights.delete(flight);
    }
  }
}

function ends({ head }: FuzzRequest, { chunk }: Flight, older: Flight): boolean {
  return chunk === older.chunk || /^(GET|DELETE) \/api\/batches\/upload-chunk\//.test(head);
}

/** The chunk that a large request is for. Only these have a key and state their position. */
function toChunk({ kind, head, body }: FuzzRequest): string | null {
  if (kind !== 'large chunk') return null;
  const text = body.toString('latin1');
  const fields = ['idempotency_key', 'generation', 'chunk_index'].map((name) => {
    return new RegExp(`name="?${name}"?[^]*?\\r\\n\\r\\n(.*)\\r\\n`).exec(text)?.[1];
  });
  return JSON.stringify([/^authorization:.*$/im.exec(head)?.[0], ...fields]);
}

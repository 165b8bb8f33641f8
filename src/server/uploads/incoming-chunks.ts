import type { Session } from '../store/upload-store.ts';
import type { ChunkFields } from './form-fields.ts';

/** A chunk whose bytes arrive. */
export interface IncomingChunk {
  readonly ownerId: string;
  readonly fields: ChunkFields;
  /** Counts the bytes of its file part. */
  readonly part: { readonly sizeBytes: number };
}

/** A whole upload whose bytes arrive. */
export interface IncomingUpload {
  readonly ownerId: string;
  readonly key: string | null;
  /** Those of its files, at least. */
  readonly declaredBytes: number;
  /** Count the bytes of its file parts. */
  readonly parts: { readonly sizeBytes: number }[];
}

/** A request in progress. Has neither member until the fields before its file part have arrived. */
export interface IncomingRequest {
  chunk: IncomingChunk | null;
  upload: IncomingUpload | null;
}

/** What has arrived of a request with a key. A whole upload counts as chunk 0. */
export interface IncomingBytes {
  /** Null for a whole upload. */
  readonly generation: number | null;
  readonly index: number;
  readonly sizeBytes: number;
}

/** The session of an upload, by which its requests name it. */
export type SessionIdentity = Pick<Session, 'id' | 'ownerId' | 'key' | 'generation'>;

interface TrackedRequest extends IncomingRequest {
  readonly cut: () => void;
}

/** The requests with files in progress. */
export class IncomingChunks {
  /** Each with the end of its handling. */
  readonly #requests = new Map<TrackedRequest, Promise<unknown>>();

  /**
   * Handles a request and tracks it meanwhile.
   *
   * @param cut ends the request if its body still arrives.
   */
  async track<T>(cut: () => void, handle: (request: IncomingRequest) => Promise<T>): Promise<T> {
    const request: TrackedRequest = { chunk: null, upload: null, cut };
    const handled = handle(request);
    this.#requests.set(
      request,
      handled.catch(() => undefined),
    );
    try {
      return await handled;
    } finally {
      this.#requests.delete(request);
    }
  }

  /** The chunks of a session whose requests are in progress. */
  list(session: SessionIdentity): IncomingChunk[] {
    const chunks = [...this.#requests.keys()].flatMap(({ chunk }) => chunk ?? []);
    return chunks.filter((chunk) => belongsTo(chunk, session));
  }

  /** The requests with this key of a user. */
  listByKey(ownerId: string, key: string): IncomingBytes[] {
    return [...this.#requests.keys()].flatMap(({ chunk, upload }) => {
      if (chunk?.ownerId === ownerId && chunk.fields.key === key) return toIncomingBytes(chunk);
      return upload?.ownerId === ownerId && upload.key === key ? toIncomingUploadBytes(upload) : [];
    });
  }

  /** The bytes of the whole uploads of a user that are in progress. */
  countDeclaredBytes(ownerId: string): number {
    const uploads = [...this.#requests.keys()].flatMap(({ upload }) => (upload?.ownerId === ownerId ? upload : []));
    return uploads.reduce((sum, { declaredBytes }) => sum + declaredBytes, 0);
  }

  /**
   * Ends requests of a session. Resolves when their bytes are stored or removed.
   *
   * @param isOver whether the client expects no response for the chunk of this index.
   */
  async cut(session: SessionIdentity, isOver: (index: number) => boolean): Promise<void> {
    const over = [...this.#requests.keys()].filter(({ chunk }) => {
      return chunk && isOver(chunk.fields.index) && belongsTo(chunk, session);
    });
    await this.#end(over);
  }

  /**
   * Ends older requests for the chunk of a request. Resolves when their bytes are stored or
   * removed.
   */
  async cutOlder(request: IncomingRequest): Promise<void> {
    const older: TrackedRequest[] = [];
    for (const other of this.#requests.keys()) {
      if (other === request) break;
      if (isSameChunk(other.chunk, request.chunk)) older.push(other);
    }
    await this.#end(older);
  }

  /** Resolves when the present requests have ended. */
  async whenEnded(): Promise<void> {
    await Promise.all(this.#requests.values());
  }

  async #end(requests: readonly TrackedRequest[]): Promise<void> {
    for (const { cut } of requests) cut();
    await Promise.all(requests.map((request) => this.#requests.get(request)));
  }
}

/** Whether two requests with a key are for one chunk; one of them may not know the session yet. */
function isSameChunk(a: IncomingChunk | null, b: IncomingChunk | null): boolean {
  if (!a || !b || a.ownerId !== b.ownerId || a.fields.key === null) return false;
  const [one, other] = [a.fields, b.fields];
  const isSameSession = one.key === other.key && (one.generation ?? 0) === (other.generation ?? 0);
  return isSameSession && one.index === other.index;
}

/** A request that does not name the session names its key and generation. */
function belongsTo({ ownerId, fields }: IncomingChunk, session: SessionIdentity): boolean {
  if (ownerId !== session.ownerId) return false;
  if (fields.sessionId !== null) return fields.sessionId === session.id;
  return fields.key !== null && fields.key === session.key && (fields.generation ?? 0) === session.generation;
}

function toIncomingBytes({ fields, part }: IncomingChunk): IncomingBytes {
  return { generation: fields.generation ?? 0, index: fields.index, sizeBytes: part.sizeBytes };
}

function toIncomingUploadBytes({ parts }: IncomingUpload): IncomingBytes {
  return { generation: null, index: 0, sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}

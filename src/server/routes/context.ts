import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Auth } from '../auth/auth.ts';
import type { Faults } from '../faults.ts';
import type { Batches } from '../store/batches.ts';
import type { KeyedMutex } from '../store/keyed-mutex.ts';
import type { FieldRules } from '../uploads/form-fields.ts';
import type { Sessions } from '../uploads/sessions.ts';

/** What the routes of one server share. */
export interface Context {
  readonly auth: Auth;
  readonly sessions: Sessions;
  readonly batches: Batches;
  readonly faults: Faults;
  /** Batches of one key are made one after the other, whichever route makes them. */
  readonly locks: KeyedMutex;
  readonly fieldRules: FieldRules;
  readonly tempDir: string;
  readonly maxBodyBytes: number;
  /** Listed in answers; empty at basic level. */
  readonly features: readonly string[];
}

/** Answers, unless a test has the answer lost. */
export function answer(context: Context, request: FastifyRequest, reply: FastifyReply, body: Record<string, unknown>) {
  if (context.faults.dropAnswer?.(request)) {
    // With the head of an answer sent: a connection cut before it would have Chromium send the request again by itself.
    reply.hijack();
    reply.raw.writeHead(200, { 'Content-Length': 100, 'Access-Control-Allow-Origin': request.headers.origin ?? '*' });
    reply.raw.write('{', () => request.raw.socket.destroy());
    return reply;
  }
  return reply.send(context.features.length > 0 ? { ...body, features: context.features } : body);
}

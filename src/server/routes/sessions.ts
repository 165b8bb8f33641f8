import type { FastifyInstance } from 'fastify';
import { answer, type Context } from './context.ts';

const PATH = '/batches/upload-chunk/:id';

/** The routes that tell of a session, and end it; none of them at basic level. */
export function sessionRoutes(app: FastifyInstance, context: Context): void {
  const { auth, sessions } = context;

  app.get<{ Params: { id: string } }>(PATH, async (request, reply) => {
    const ownerId = await auth.authenticate(request.headers.authorization);
    const { id } = request.params;
    const { generation, total, received, batch } = sessions.status(ownerId, id);
    const facts = batch ? { batch_id: batch.batchId } : {};
    return answer(context, request, reply, { upload_id: id, generation, total_chunks: total, received, ...facts });
  });

  app.delete<{ Params: { id: string } }>(PATH, async (request, reply) => {
    const ownerId = await auth.authenticate(request.headers.authorization);
    await sessions.discard(ownerId, request.params.id);
    return reply.code(204).send();
  });
}

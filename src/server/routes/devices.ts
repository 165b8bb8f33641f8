import type { FastifyInstance } from 'fastify';
import { notFound } from '../errors.ts';
import type { Device } from '../store/refresh-tokens.ts';
import type { ApiContext } from './api-context.ts';

/**
 * Lists and ends the sign-ins of the caller, and creates links for further devices. All require an
 * access token in a header, which a page of another origin does not have.
 */
export function deviceRoutes(api: FastifyInstance, { auth }: ApiContext): void {
  api.get('/auth/devices', async (request) => {
    const { userId, familyId } = await auth.identify(request);
    const devices = await auth.refreshTokens.list(userId);
    return { devices: devices.map((device) => ({ ...toJson(device), is_current: device.familyId === familyId })) };
  });

  api.delete<{ Params: { id: string } }>('/auth/devices/:id', async (request, reply) => {
    const userId = await auth.authenticate(request);
    const { id: familyId } = request.params;
    if (!(await auth.refreshTokens.end(userId, familyId))) {
      throw notFound('device_not_found', 'There is no such device. List the devices.');
    }
    request.log.info({ event: 'device_revoked', userId, familyId }, 'A user signed a device out.');
    return reply.code(204).send();
  });

  api.post('/auth/devices/link', async (request) => {
    const userId = await auth.authenticate(request);
    const { code, expiresAt, saved } = auth.links.create(userId);
    await saved;
    request.log.info({ event: 'link_created', userId }, 'A user created a sign-in link.');
    return { code, expires_at: new Date(expiresAt).toISOString() };
  });
}

function toJson({ familyId, createdAt, lastUsedAt, userAgent }: Device) {
  return {
    device_id: familyId,
    created_at: new Date(createdAt).toISOString(),
    last_used_at: new Date(lastUsedAt).toISOString(),
    user_agent: userAgent,
  };
}

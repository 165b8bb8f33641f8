import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './api-context.ts';

/** Tells an app how its users sign in. It requires no credentials. */
export function authConfigRoute(api: FastifyInstance, { auth: { provider } }: ApiContext): void {
  api.get('/auth/config', async () => {
    if (!provider) return { sign_in: 'link' };
    const { issuer, client } = provider;
    if (!client) return { sign_in: 'none' };
    const { id, scope, resource } = client;
    return { sign_in: 'openid', issuer, client_id: id, scope, ...(resource !== null && { resource }) };
  });
}

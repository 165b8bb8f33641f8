import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/server/config.ts';

const level = (LEVEL?: string) => readConfig({ LEVEL }).server.level;

describe('configuration from the environment', () => {
  it('uses the defaults of an empty environment', () => {
    const { host, port, server } = readConfig({});
    expect({ host, port }).toEqual({ host: 'localhost', port: 4173 });
    expect(server).toMatchObject({ dataDir: 'data', level: 'extended', provider: null, allowedOrigins: [] });
    expect(server).not.toHaveProperty('maxUploadBytes');
  });

  it('reads the basic level by its name and by the previous one', () => {
    expect([level('basic'), level('original'), level(), level('extended')]).toEqual([
      'basic',
      'basic',
      'extended',
      'extended',
    ]);
  });

  it('reads limits, with times in seconds', () => {
    const limits = { MAX_OPEN_SESSIONS: '7', MAX_USER_BYTES: '8', MIN_FREE_BYTES: '9', RETENTION_DAYS: '10' };
    const { server } = readConfig({ ...limits, IDLE_TIMEOUT_SECONDS: '5' });
    const expected = { maxOpenSessions: 7, maxUserBytes: 8, minFreeBytes: 9, retentionDays: 10 };
    expect(server).toMatchObject({ ...expected, idleTimeoutMs: 5000 });
  });

  it.each(['0', '-1', '1e3', '10 GB', 'many'])('refuses the limit %s', (MAX_UPLOAD_BYTES) => {
    expect(() => readConfig({ MAX_UPLOAD_BYTES })).toThrow('MAX_UPLOAD_BYTES must be a whole number above 0');
  });

  it('reads lists of origins', () => {
    const { server } = readConfig({ ALLOWED_ORIGINS: 'https://a.example, https://b.example,' });
    expect(server.allowedOrigins).toEqual(['https://a.example', 'https://b.example']);
  });

  it('requires issuer and audience of an identity provider', () => {
    const provider = { AUTH_JWKS_URL: 'https://id.example/keys', AUTH_ISSUER: 'https://id.example/' };
    expect(() => readConfig(provider)).toThrow('AUTH_ISSUER and AUTH_AUDIENCE');
    const { server } = readConfig({ ...provider, AUTH_AUDIENCE: 'uploads' });
    expect(server.provider).toMatchObject({ issuer: 'https://id.example/', audience: 'uploads' });
  });
});

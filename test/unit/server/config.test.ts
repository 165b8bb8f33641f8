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

  it('reads how the app signs in at an identity provider', () => {
    const provider = {
      AUTH_JWKS_URL: 'https://id.example/keys',
      AUTH_ISSUER: 'https://id.example/',
      AUTH_AUDIENCE: 'a',
    };
    const client = (env: object) => readConfig({ ...provider, ...env }).server.provider?.client;
    expect(client({})).toBe(null);
    const scope = 'openid profile offline_access';
    expect(client({ AUTH_CLIENT_ID: 'app' })).toEqual({ id: 'app', scope, resource: null });
    const all = { AUTH_CLIENT_ID: 'app', AUTH_SCOPE: 'openid upload', AUTH_RESOURCE: 'https://api.example/' };
    expect(client(all)).toEqual({ id: 'app', scope: 'openid upload', resource: 'https://api.example/' });
    expect(() => client({ AUTH_SCOPE: 'profile' })).toThrow('AUTH_SCOPE must contain openid');
    expect(() => client({ AUTH_RESOURCE: 'api' })).toThrow('AUTH_RESOURCE must be a URL');
    expect(() => readConfig({ AUTH_CLIENT_ID: 'app' })).toThrow('AUTH_CLIENT_ID needs AUTH_JWKS_URL');
  });

  it('names all values that cannot be used at once', () => {
    const env = { LEVEL: 'basik', PORT: '99999', MAX_BODY_BYTES: '-1', TRUSTED_PROXIES: '10.0.0.0/8, proxy' };
    expect(() => readConfig(env)).toThrow(
      [
        'PORT must be a port from 0 to 65535, and is “99999”.',
        'LEVEL must be extended or basic, and is “basik”.',
        'TRUSTED_PROXIES must be IP addresses or networks such as 10.0.0.0/8, with commas between them, and is “10.0.0.0/8, proxy”.',
        'MAX_BODY_BYTES must be a whole number above 0, and is “-1”.',
      ].join('\n'),
    );
  });

  it.each([
    ['LOG_LEVEL', 'verbose'],
    ['PUBLIC_URL', 'files.example'],
    ['PUBLIC_URL', 'https://files.example/?a'],
    ['ALLOWED_ORIGINS', 'https://app.example/path'],
    ['CONNECT_SRC', "https://a.example; script-src 'unsafe-inline'"],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.1/'],
    ['AUTH_JWKS_URL', 'keys'],
    ['AUTH_JWKS_URL', 'http://id.example/keys'],
    ['AUTH_ISSUER', 'http://id.example/'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(`${name} must be`);
  });

  it('reads the public URL and the proxies', () => {
    const { server } = readConfig({
      PUBLIC_URL: 'https://files.example/up/',
      TRUSTED_PROXIES: '127.0.0.1, ::1, 10.0.0.0/8',
    });
    expect(server.publicUrl).toEqual({ origin: 'https://files.example', basePath: '/up', isSecure: true });
    expect(server.trustedProxies).toEqual(['127.0.0.1', '::1', '10.0.0.0/8']);
  });

  it('serves metrics only where a port is named, on loopback', () => {
    expect(readConfig({}).metrics).toBeNull();
    expect(readConfig({ METRICS_PORT: '9464' }).metrics).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(() => readConfig({ METRICS_PORT: 'on' })).toThrow('METRICS_PORT must be a port');
  });

  it('treats an empty variable as missing', () => {
    expect(readConfig({ PORT: '', LEVEL: '' })).toMatchObject({ port: 4173, server: { level: 'extended' } });
  });

  it('warns about misspelled variables only', () => {
    const env = {
      TRUSTED_PROXY: '10.0.0.1',
      MAX_BODY_BYTE: '5',
      HOSTNAME: 'a',
      PATH: '/bin',
      PROT: '80',
      NODE_ENV: 'production',
    };
    expect(readConfig(env).warnings).toEqual([
      'TRUSTED_PROXY has no effect. Did you mean TRUSTED_PROXIES?',
      'MAX_BODY_BYTE has no effect. Did you mean MAX_BODY_BYTES?',
    ]);
  });
});

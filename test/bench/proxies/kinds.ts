import type { Certificate } from './certificate.ts';

/** A proxy in front of the servers, with HTTP/2 towards the browser. */
export interface ProxyKind {
  readonly name: string;
  /** The Debian package. */
  readonly debian: string;
  readonly program: string;
  /** The arguments for a configuration file in a folder of its own. */
  getArgs(configPath: string, dir: string): readonly string[];
  createConfig(setup: ProxySetup): string;
}

/** The contents of a configuration. */
export interface ProxySetup {
  /** For temporary files. */
  readonly dir: string;
  readonly certificate: Certificate;
  readonly routes: readonly Route[];
}

/** A port of the proxy and the loopback port behind it. */
export interface Route {
  readonly port: number;
  readonly target: number;
}

/** nginx with its default, which stores a body before it forwards it. */
export const NGINX_BUFFERED = nginx('nginx, request buffering on', 'on');

/** nginx as upload servers recommend. */
export const NGINX_UNBUFFERED = nginx('nginx, request buffering off', 'off');

/** HAProxy with its defaults. */
export const HAPROXY: ProxyKind = {
  name: 'HAProxy',
  debian: 'haproxy',
  program: '/usr/sbin/haproxy',
  getArgs: (configPath) => ['-db', '-f', configPath],
  createConfig: ({ certificate, routes }) => `defaults
  mode http
  timeout connect 5s
  timeout client 120s
  timeout server 120s
${routes
  .map(
    ({ port, target }) => `listen port${port}
  bind 127.0.0.1:${port} ssl crt ${certificate.bothPath} alpn h2,http/1.1
  server target 127.0.0.1:${target}
`,
  )
  .join('')}`,
};

/** Caddy with its defaults. */
export const CADDY: ProxyKind = {
  name: 'Caddy',
  debian: 'caddy',
  program: '/usr/bin/caddy',
  getArgs: (configPath) => ['run', '--adapter', 'caddyfile', '--config', configPath],
  // HTTP/3 would pass the link by.
  createConfig: ({ certificate: { certPath, keyPath }, routes }) => `{
  admin off
  auto_https off
  servers {
    protocols h1 h2
  }
}
${routes
  .map(
    ({ port, target }) => `https://localhost:${port} {
  bind 127.0.0.1
  tls ${certPath} ${keyPath}
  reverse_proxy 127.0.0.1:${target}
}
`,
  )
  .join('')}`,
};

/** In the order of the tables. */
export const PROXY_KINDS: readonly ProxyKind[] = [NGINX_BUFFERED, NGINX_UNBUFFERED, HAPROXY, CADDY];

/** The start of a configuration of nginx, up to the settings of its servers. */
export function createNginxHead(dir: string, certificate: Certificate, logLevel: 'error' | 'crit'): string {
  return `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${dir}/nginx.pid;
error_log stderr ${logLevel};
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`).join(' ')}
  ssl_certificate ${certificate.certPath};
  ssl_certificate_key ${certificate.keyPath};
`;
}

function nginx(name: string, buffering: 'on' | 'off'): ProxyKind {
  return {
    name,
    debian: 'nginx',
    program: '/usr/sbin/nginx',
    getArgs: (configPath, dir) => ['-p', dir, '-e', 'stderr', '-c', configPath],
    createConfig: ({
      dir,
      certificate,
      routes,
    }) => `${createNginxHead(dir, certificate, 'error')}  client_max_body_size 0;
  proxy_request_buffering ${buffering};
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_read_timeout 120s;
${routes
  .map(
    ({ port, target }) => `  upstream port${port} { server 127.0.0.1:${target}; keepalive 16; }
  server {
    listen 127.0.0.1:${port} ssl http2;
    location / { proxy_pass http://port${port}; }
  }
`,
  )
  .join('')}}
`,
  };
}

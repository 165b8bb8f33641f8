import { BlockList, isIP } from 'node:net';

/** Where clients reach the server, which a proxy may serve under a path of another origin. */
export interface PublicUrl {
  readonly origin: string;
  /** Empty, or a path without a slash at its end, such as `/up`. */
  readonly basePath: string;
  /** Whether clients use TLS. */
  readonly isSecure: boolean;
}

export function parsePublicUrl(url: string): PublicUrl {
  const { origin, pathname, protocol } = new URL(url);
  return { origin, basePath: pathname.replace(/\/+$/, ''), isSecure: protocol === 'https:' };
}

/** The URL of a server that listens on an address, a host name or "any address". */
export function toListeningUrl(host: string, port: number): string {
  // Browsers treat http://localhost as secure, which a service worker requires. "Any address"
  // cannot be visited.
  const isLocal = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host);
  const visible = isIP(host) === 6 ? `[${host}]` : host;
  return `http://${isLocal ? 'localhost' : visible}:${port}`;
}

/**
 * Removes the base path from the URL of a request. Proxies may pass it on or remove it themselves.
 */
export function removeBasePath(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}

/** Recognizes the addresses of trusted proxies, given as addresses or as networks in CIDR form. */
export function createProxyCheck(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const { address, prefix, family } = parseNetwork(proxy);
    list.addSubnet(address, prefix, family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Whether a text is an address or a network in CIDR form. */
export function isNetwork(text: string): boolean {
  try {
    createProxyCheck([text]);
    return true;
  } catch {
    return false;
  }
}

function parseNetwork(text: string) {
  const [address = '', length] = text.split('/');
  const isV6 = isIP(address) === 6;
  const prefix = length === undefined ? (isV6 ? 128 : 32) : Number(length);
  if (length === '' || isIP(address) === 0) throw new RangeError(`${text} is not an address or network.`);
  return { address, prefix, family: isV6 ? ('ipv6' as const) : ('ipv4' as const) };
}

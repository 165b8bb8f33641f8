import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { tempFolder } from '../../fixtures/files.ts';
import { createCertificate } from './certificate.ts';
import type { ProxyKind } from './kinds.ts';

/** A running proxy. */
export interface Proxy {
  /** Its ports, in the order of the targets. */
  readonly ports: readonly number[];
  /** An argument of Chromium that makes it accept the certificate. */
  readonly chromiumArg: string;
  close(): Promise<void>;
}

const running = new Set<ChildProcess>();
// An interrupted process awaits nothing.
process.once('exit', () => {
  for (const child of running) child.kill();
});

/** Whether the program of a proxy is installed. */
export function isInstalled({ program }: ProxyKind): boolean {
  return existsSync(program);
}

/** Starts a proxy with a new certificate in front of loopback ports. */
export async function openProxy(kind: ProxyKind, targets: readonly number[]): Promise<Proxy> {
  const folder = await tempFolder();
  const { dir } = folder;
  const certificate = await createCertificate(dir);
  const ports = await findFreePorts(targets.length);
  const routes = targets.map((target, i) => ({ target, port: ports[i] ?? 0 }));
  const configPath = join(dir, 'proxy.conf');
  await writeFile(configPath, kind.createConfig({ dir, certificate, routes }));
  const env = { ...process.env, HOME: dir, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir };
  const child = spawn(kind.program, kind.getArgs(configPath, dir), { env, stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  const gone = once(child, 'exit').finally(() => running.delete(child));
  await waitForPorts(child, ports, kind.name);
  return {
    ports,
    chromiumArg: certificate.chromiumArg,
    async close() {
      child.kill();
      await gone;
      await folder.remove();
    },
  };
}

/** A proxy cannot choose its ports. They are closed before it opens them. */
async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function waitForPorts(child: ChildProcess, ports: readonly number[], name: string): Promise<void> {
  let output = '';
  child.stderr?.on('data', (bytes) => {
    output += bytes;
  });
  for (const port of ports) {
    while (!(await isOpen(port))) {
      if (child.exitCode !== null) throw new Error(`${name} ended at once: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

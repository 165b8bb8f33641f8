import { join } from 'node:path';
import { build, type Rollup } from 'vite';
import type { SendFiles } from '../clients/simple-clients.ts';

/** Scripts for pages: the simple clients and the peers. */
export type Script = 'simple' | 'peers';

declare global {
  interface Window {
    /** The clients of the script by name. */
    clients: Readonly<Record<string, SendFiles>>;
    /** The upload that is running. */
    sent: Promise<void> | undefined;
    /** When an input got the latest files, in ms since 1970. */
    chosenAt: number | undefined;
  }
}

const ENTRIES: Readonly<Record<Script, string>> = { simple: 'clients/simple-clients.ts', peers: 'peers/peers.ts' };
const built = new Map<Script, Promise<string>>();

/**
 * Builds a script that is evaluated in a page, beyond its content security policy. The script sets
 * `clients`.
 */
export function buildScript(script: Script): Promise<string> {
  const before = built.get(script) ?? bundle(join(import.meta.dirname, '..', ENTRIES[script]));
  built.set(script, before);
  return before;
}

async function bundle(entry: string): Promise<string> {
  const lib = { entry, formats: ['iife'] as const, name: 'clients' };
  const output = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, minify: true, lib: { ...lib, formats: [...lib.formats] } },
  });
  const [
    {
      output: [chunk],
    },
  ] = output as [Rollup.RollupOutput];
  return `${chunk.code}; window.clients = clients;`;
}

import { createSHA256, type IHasher } from 'hash-wasm';

let hasher: Promise<IHasher | null> | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * SHA-256, hex, of bytes that are read while they are hashed, because the platform's own digest wants all of them in memory at
 * once. One at a time: there is one thread for it, and two would both end late.
 */
export function sha256(blob: Blob): Promise<string> {
  const digest = last.then(() => streamed(blob));
  last = digest.catch(() => undefined);
  return digest;
}

async function streamed(blob: Blob): Promise<string> {
  // A Content-Security-Policy without 'wasm-unsafe-eval' refuses it.
  hasher ??= createSHA256().catch(() => null);
  const running = await hasher;
  if (running === null) return platformSha256(blob);
  running.init();
  const reader = blob.stream().getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) running.update(part.value);
  return running.digest('hex');
}

/** The same by the platform, for where WebAssembly is refused: all bytes are in memory meanwhile. */
export async function platformSha256(blob: Blob): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

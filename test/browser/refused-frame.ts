import { sha256 } from '../../src/shared/sha256.ts';

/** Runs in a frame whose Content-Security-Policy refuses WebAssembly. */
const emptyModule = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
const isRefused = await WebAssembly.compile(emptyModule).then(
  () => false,
  () => true,
);
parent.postMessage({ isRefused, digest: await sha256(new Blob(['ab', 'c'])) });

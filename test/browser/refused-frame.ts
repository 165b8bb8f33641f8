import { Digester } from '../../src/shared/digester.ts';

/** Runs in a frame whose Content-Security-Policy refuses WebAssembly. */
const emptyModule = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
const isRefused = await WebAssembly.compile(emptyModule).then(
  () => false,
  () => true,
);
parent.postMessage({ isRefused, digest: await new Digester().sha256(new Blob(['ab', 'c'])) });

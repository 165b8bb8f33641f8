import { expect, it } from 'vitest';
import { Digester, platformSha256 } from '../../src/shared/digester.ts';

const MIB = 1024 * 1024;
const OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

it('digests bytes of any number and composition as the platform does, also when several are asked for at once', async () => {
  const random = crypto.getRandomValues(new Uint8Array(64 * 1024));
  const large = new Blob(Array.from({ length: 5 * 16 + 1 }, () => random));
  const blobs = [
    new Blob(),
    new Blob(['abc']),
    large,
    large.slice(7, 3 * MIB + 1),
    new Blob([large.slice(MIB), 'end']),
  ];
  const digester = new Digester();
  const digests = await Promise.all(blobs.map((blob) => digester.sha256(blob)));
  expect(digests).toEqual(await Promise.all(blobs.map((blob) => platformSha256(blob))));
  expect(digests[1]).toBe(OF_ABC);
});

it('digests by the platform where a Content-Security-Policy refuses WebAssembly', async () => {
  const frame = document.createElement('iframe');
  const script = new URL('./refused-frame.ts', import.meta.url);
  const told = new Promise((resolve) => {
    addEventListener('message', ({ data, source }) => source === frame.contentWindow && resolve(data));
  });
  frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="script-src 'self'"><script type="module" src="${script}"></script>`;
  document.body.append(frame);
  expect(await told).toEqual({ isRefused: true, digest: OF_ABC });
  frame.remove();
});

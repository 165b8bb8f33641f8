import { expect, it } from 'vitest';
import { form, peer, refusal, start, startWithPeer } from '../peer.ts';

const NAME = 'a "b"\\c\r\nd\ne\rf 100 %41 ملف 😀.txt';
const encoded_filename = encodeURIComponent(NAME);

it('stores the encoded name of a whole upload instead of the one of the part', async () => {
  const ada = await startWithPeer();
  const { json } = await ada.direct('x', { encoded_filename });
  expect(json.files[0].name).toBe(NAME);
});

it('stores the encoded name of a chunked upload instead of the field', async () => {
  const ada = await startWithPeer();
  const { json } = await ada.chunk(0, 'x', { encoded_filename, filename: NAME, total_chunks: 1 });
  expect((await ada.get(`/batches/${json.batch_id}`)).json.files[0].name).toBe(NAME);
});

it('accepts 255 characters although a form makes them longer', async () => {
  const ada = await startWithPeer();
  const name = '\n'.repeat(255);
  const exact = { encoded_filename: encodeURIComponent(name), filename: name };
  expect((await ada.chunk(0, 'x', { ...exact, total_chunks: 1 })).status).toBe(200);
  expect((await ada.direct('x', exact)).json.files[0].name).toBe(name);
});

it.each([
  ['empty', ''],
  ['too long', 'a'.repeat(256)],
  ['no percent-encoding', '100%'],
  ['no UTF-8', '%FF'],
])('refuses an encoded name that is %s', async (_what, encoded_filename) => {
  const ada = await startWithPeer();
  expect(refusal(await ada.direct('x', { encoded_filename }))).toBe('400 bad_field');
  const { json } = await ada.chunk(0, 'x', { encoded_filename, total_chunks: 1 });
  expect([json.error, json.field]).toEqual(['bad_field', 'encoded_filename']);
});

it('refuses a field name of more than 255 characters without an encoded one', async () => {
  const ada = await startWithPeer();
  const { json } = await ada.chunk(0, 'x', { filename: 'a'.repeat(256), total_chunks: 1 });
  expect([json.error, json.field]).toEqual(['bad_field', 'filename']);
});

it('ignores the encoded name for many files, and at the basic level', async () => {
  const ada = await startWithPeer();
  const images = form({ upload_type: 'images', task_id: 't', encoded_filename });
  for (const name of ['1.jpg', '2.jpg']) images.append('files', new Blob(['x']), name);
  const { json } = await ada.send('POST', '/batches/upload', images);
  expect(json.files.map(({ name }: { name: string }) => name)).toEqual(['1.jpg', '2.jpg']);
  const basic = await peer(await start({ level: 'basic' }));
  expect((await basic.direct('x', { encoded_filename: '%FF' })).json.files[0].name).toBe('film.mov');
});

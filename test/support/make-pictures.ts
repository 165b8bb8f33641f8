// The pictures that `test/e2e/pictures.test.ts` compares with, made anew from the built app: `npm run pictures`
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestApp } from './harness.ts';
import { takePicture, takeTextSample, VISUAL_STATES } from './pictures.ts';
import { startServer } from './test-server.ts';

const FOLDER = join(import.meta.dirname, '../e2e/pictures');

const server = await startServer();
const app = await TestApp.launch(server);
try {
  const pictures = [await takeTextSample(app)];
  for (const pose of VISUAL_STATES) pictures.push(await takePicture(app, pose));
  for (const { name, png } of pictures) await writeFile(join(FOLDER, `${name}.png`), png);
  console.log(`${pictures.length} pictures in ${FOLDER}. Look at them before you commit them.`);
} finally {
  await app.close();
  await server.close();
}

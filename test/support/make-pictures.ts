// The pictures that `test/e2e/pictures.test.ts` compares with, made anew from the built app: `npm run pictures`
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestApp } from './harness.ts';
import { POSES, take, takeText } from './pictures.ts';
import { startServer } from './test-server.ts';

const FOLDER = join(import.meta.dirname, '../e2e/pictures');

const server = await startServer();
const app = await TestApp.launch(server);
try {
  const pictures = [await takeText(app)];
  for (const pose of POSES) pictures.push(await take(app, pose));
  for (const { name, png } of pictures) await writeFile(join(FOLDER, `${name}.png`), png);
  console.log(`${pictures.length} pictures in ${FOLDER}. Look at them before you commit them.`);
} finally {
  await app.close();
  await server.close();
}

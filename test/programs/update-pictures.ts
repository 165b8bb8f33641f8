// Takes the pictures that `test/e2e/visual/visual.test.ts` compares with: `npm run pictures`
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startServer } from '../fixtures/test-server.ts';
import { TestApp } from '../page-objects/test-app.ts';
import { takePicture, takeTextSample, VISUAL_STATES } from '../page-objects/visual-states.ts';

const FOLDER = join(import.meta.dirname, '../e2e/visual/pictures');

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

// Runs the server of a soak in its own process, so that it can be killed. The parent sends
// messages.
import { join } from 'node:path';
import { createApp } from '../../../src/server/http/app.ts';
import { createServer } from '../../../src/server/server.ts';
import { lockFolder } from '../../../src/server/store/folder/folder-lock.ts';
import { openFolderStorage } from '../../../src/server/store/folder/folder-storage.ts';
import { inspectUploads } from '../../fixtures/inspect-uploads.ts';
import { addFaults } from '../../fixtures/server-faults.ts';
import { KILL_BEFORE_RESPONSE, type Question, type Reply, type StartOptions } from './server-messages.ts';

const { dataDir, level, port, host, tokenTtlSeconds }: StartOptions = JSON.parse(process.argv[2] ?? '{}');
await lockFolder(dataDir);
const options = {
  dataDir,
  level,
  staticDir: join(import.meta.dirname, '../../../dist'),
  requestsPerMinute: 1e6,
  tokenTtlSeconds,
};
const storage = await openFolderStorage(dataDir);
const app = await createApp(options);
const faults = addFaults(app);
const server = await createServer(options, { storage, app });
const { sessions } = inspectUploads(storage, server.uploads);
faults.dropAnswer = ({ headers }) => {
  if (headers[KILL_BEFORE_RESPONSE]) process.kill(process.pid, 'SIGKILL');
  return false;
};
await server.listen(port, host);
process.on('message', async (question: Question) =>
  sendReply({ id: question.id, answer: await handleQuestion(question) }),
);
// The server ends with its parent.
process.on('disconnect', () => process.exit(0));
sendReply({ id: 0, answer: server.url() });

async function handleQuestion(question: Question): Promise<string> {
  switch (question.ask) {
    case 'link':
      return server.signInLink(question.about);
    case 'token':
      return server.issueToken(question.about, 60 * 60);
    case 'lose':
      await sessions.lose(question.about);
      return '';
  }
}

// The parent may be gone.
function sendReply(reply: Reply): void {
  if (process.connected) process.send?.(reply);
}

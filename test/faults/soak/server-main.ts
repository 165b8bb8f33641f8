// Runs the server of a soak in its own process, so that it can be killed. The parent sends
// messages.
import { join } from 'node:path';
import { holdFolder } from '../../../src/server/folder-lock.ts';
import { createServer } from '../../../src/server/server.ts';
import { KILL_BEFORE_RESPONSE, type Question, type Reply, type StartOptions } from './server-messages.ts';

const { dataDir, level, port, host, tokenTtlSeconds }: StartOptions = JSON.parse(process.argv[2] ?? '{}');
await holdFolder(dataDir);
const server = await createServer({
  dataDir,
  level,
  staticDir: join(import.meta.dirname, '../../../dist'),
  requestsPerMinute: 1e6,
  tokenTtlSeconds,
});
server.faults.dropAnswer = ({ headers }) => {
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
      await server.sessions.lose(question.about);
      return '';
  }
}

// The parent may be gone.
function sendReply(reply: Reply): void {
  if (process.connected) process.send?.(reply);
}

import { afterAll, afterEach, beforeAll } from 'vitest';
import type { ServerOptions } from '../../src/server/server-options.ts';
import { type Folder, tempFolder } from './files.ts';
import { TestApp } from './harness.ts';
import { startServer, type TestServer } from './test-server.ts';

/** What most end-to-end tests need: a server, the built app of it in a browser, and a folder for files. */
export interface WithApp {
  readonly server: TestServer;
  readonly app: TestApp;
  readonly folder: Folder;
}

/**
 * Makes it before the tests of a `describe` and closes it after them; between two tests link and server are well and no tab is open.
 *
 * @param options of the server; asked for when what was described before this is made.
 */
export function withApp(options: () => Partial<ServerOptions> = () => ({})): WithApp {
  const made: { -readonly [K in keyof WithApp]?: WithApp[K] } = {};

  beforeAll(async () => {
    made.folder = await tempFolder();
    made.server = await startServer(options());
    made.app = await TestApp.launch(made.server);
  });

  afterEach(async () => {
    if (made.server) Object.assign(made.server.faults, { before: undefined, dropAnswer: undefined });
    made.server?.release();
    await made.app?.context.setOffline(false);
    await made.app?.closeTabs();
  });

  afterAll(async () => {
    await made.app?.close();
    await made.server?.close();
    await made.folder?.remove();
  });

  // Looked up when they are asked for: the tests are described before anything is made.
  return {
    get server() {
      return present(made.server);
    },
    get app() {
      return present(made.app);
    },
    get folder() {
      return present(made.folder);
    },
  };
}

function present<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('This is there in tests only, not while they are described.');
  return part;
}

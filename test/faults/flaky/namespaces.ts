import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Two network namespaces of our own and the link between them: taking that down is a cut that every program notices. */
export class Namespaces {
  readonly browser: string;
  readonly server: string;

  constructor(name: string) {
    this.browser = `${name}-b`;
    this.server = `${name}-s`;
  }

  /** The server's address in there; nothing leads from it to anywhere else. */
  static readonly address = '10.77.0.1';

  /** What runs a program in one of them. */
  static wrapper(namespace: string): readonly string[] {
    return ['ip', 'netns', 'exec', namespace];
  }

  /** @throws Error when this is not root, or the kernel has no namespaces. */
  async create(): Promise<void> {
    await ip('netns', 'add', this.browser);
    await ip('netns', 'add', this.server);
    await ip(
      ...'link add vb netns'.split(' '),
      this.browser,
      ...'type veth peer name vs netns'.split(' '),
      this.server,
    );
    await ip('-n', this.browser, 'addr', 'add', '10.77.0.2/24', 'dev', 'vb');
    await ip('-n', this.server, 'addr', 'add', `${Namespaces.address}/24`, 'dev', 'vs');
    for (const namespace of [this.browser, this.server]) await ip('-n', namespace, 'link', 'set', 'lo', 'up');
    await ip('-n', this.server, 'link', 'set', 'vs', 'up');
    await this.restore();
  }

  async cut(): Promise<void> {
    await ip('-n', this.browser, 'link', 'set', 'vb', 'down');
  }

  async restore(): Promise<void> {
    await ip('-n', this.browser, 'link', 'set', 'vb', 'up');
  }

  async remove(): Promise<void> {
    for (const namespace of [this.browser, this.server]) await ip('netns', 'del', namespace).catch(() => undefined);
  }
}

async function ip(...args: string[]): Promise<void> {
  await run('ip', args);
}

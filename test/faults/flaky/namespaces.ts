import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Two network namespaces and the link between them. Every program notices when the link goes down.
 */
export class Namespaces {
  readonly browser: string;
  readonly server: string;

  constructor(name: string) {
    this.browser = `${name}-b`;
    this.server = `${name}-s`;
  }

  /** The address of the server inside its namespace, which reaches nothing else. */
  static readonly address = '10.77.0.1';

  /** The command that runs a program in a namespace. */
  static wrapper(namespace: string): readonly string[] {
    return ['ip', 'netns', 'exec', namespace];
  }

  /** @throws Error without root rights or without namespaces in the kernel */
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

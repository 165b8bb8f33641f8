/**
 * A session of W3C WebDriver (https://www.w3.org/TR/webdriver2/) over plain HTTP, as far as these
 * tests need it.
 */
export class WebDriver {
  readonly #session: string;
  /** The initial window stays open, because closing the last window would end the session. */
  readonly #home: string;
  /** The protocol addresses one window at a time, so commands to windows are serialized. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(session: string, home: string) {
    this.#session = session;
    this.#home = home;
  }

  /** @throws Error with the message of the driver */
  static async open(driverUrl: string, capabilities: object): Promise<WebDriver> {
    const body = { capabilities: { alwaysMatch: capabilities } };
    const { sessionId } = (await call('POST', `${driverUrl}/session`, body)) as { sessionId: string };
    const session = `${driverUrl}/session/${sessionId}`;
    return new WebDriver(session, (await call('GET', `${session}/window`)) as string);
  }

  /** Opens a window and returns its handle. */
  async newWindow(): Promise<string> {
    const { handle } = (await this.send(this.#home, 'POST', '/window/new', { type: 'tab' })) as Window;
    return handle;
  }

  /** Sends a command to a window. */
  send(handle: string, method: string, path: string, body?: object): Promise<unknown> {
    return this.#inTurn(async () => {
      await this.#call('POST', '/window', { handle });
      return this.#call(method, path, body);
    });
  }

  close(): Promise<unknown> {
    return this.#inTurn(() => this.#call('DELETE', ''));
  }

  #call(method: string, path: string, body?: object): Promise<unknown> {
    return call(method, `${this.#session}${path}`, body);
  }

  #inTurn(work: () => Promise<unknown>): Promise<unknown> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

interface Window {
  readonly handle: string;
}

async function call(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: { error?: string; message?: string } | null };
  if (response.ok) return value;
  throw new Error(`${method} ${new URL(url).pathname}: ${value?.error}: ${value?.message}`);
}

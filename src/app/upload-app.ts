import { css, html, LitElement, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { createUploadClient, type UploadClient, UploadError, type UploadView } from '../page/index.ts';
import { hasSignInCode, refresh, signIn, signOut } from './session.ts';
import { readSettings } from './settings.ts';
import { base } from './styles.ts';
import { ifAllClosed, state, title } from './words.ts';
import './sign-out.ts';
import './upload-form.ts';
import './upload-row.ts';

/** The page: who is signed in, the form, and the queue. */
export class UploadApp extends LitElement {
  static override styles = [
    base,
    css`
      main {
        max-width: 46rem;
        margin: 0 auto;
        padding: var(--space);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.25rem var(--space);
        min-height: 2.25rem;
        margin-bottom: var(--space);
      }
      h1 {
        flex: 1 1 auto;
        margin: 0;
        font-size: 1.4rem;
      }
      sign-out {
        margin-left: auto;
      }
      h2 {
        font-size: 1.1rem;
        margin-top: calc(2 * var(--space));
      }
      ul {
        list-style: none;
        padding: 0;
        margin: 0;
        display: grid;
        gap: 0.75rem;
      }
      .unseen {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }
    `,
  ];
  static override properties = {
    client: { state: true },
    uploads: { state: true },
    problem: { state: true },
    online: { state: true },
    updateReady: { state: true },
    said: { state: true },
  };
  declare client: UploadClient | null;
  declare uploads: readonly UploadView[];
  declare problem: string;
  declare online: boolean;
  declare updateReady: boolean;
  declare said: string;
  #listening: AbortController | null = null;
  #shownUser: string | null = null;
  #finished: ReadonlySet<string> | null = null;

  constructor() {
    super();
    this.client = null;
    this.uploads = [];
    this.problem = '';
    this.online = navigator.onLine;
    this.updateReady = false;
    this.said = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const look = () => {
      this.online = navigator.onLine;
    };
    for (const type of ['online', 'offline']) addEventListener(type, look, { signal });
    addEventListener('online', () => void this.#try(() => this.#signIn(this.client)), { signal });
    void this.#try(() => this.#start());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.abort();
    this.client?.close();
  }

  override render() {
    return html`<main>
      <header>
        <h1>Parallel Chunk Uploader</h1>
        <span class="quiet" role="status">${this.online ? 'Online' : 'Offline: what you add is kept and sent later'}</span>
        ${this.client?.user ? html`<sign-out .client=${this.client} @sign-out=${this.#signOut}></sign-out>` : nothing}
      </header>
      ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}
      ${
        this.updateReady
          ? html`<p>A new version is ready. <button @click=${() => this.client?.applyUpdate()}>Reload</button></p>`
          : nothing
      }
      ${this.client ? this.#body(this.client) : html`<p class="quiet" ?hidden=${this.problem}>Starting…</p>`}
      <div class="unseen" role="status" aria-live="polite">${this.said}</div>
    </main>`;
  }

  #body(client: UploadClient) {
    if (client.user === null) {
      return html`<p>You are not signed in. Open the sign-in link that the server printed when it started.</p>`;
    }
    return html`<upload-form .client=${client}></upload-form>
      <h2>Queue</h2>
      <p class="quiet">${this.uploads.length === 0 ? 'Nothing queued yet.' : ifAllClosed(client.closing())}</p>
      <ul>
        ${repeat(
          this.uploads,
          ({ id }) => id,
          (upload) => html`<li><upload-row .client=${client} .upload=${upload}></upload-row></li>`,
        )}
      </ul>`;
  }

  async #start(): Promise<void> {
    const { options, token } = readSettings();
    const own = options.endpoint === undefined;
    const worker = import.meta.env.DEV ? { workerUrl: '/dev-sw.js?dev-sw', workerType: 'module' as const } : {};
    const client = await createUploadClient({
      ...(own && { refreshEndpoint: '/api/auth/refresh', getAccessToken: refresh }),
      ...worker,
      ...options,
    });
    client.onUpdateReady(() => {
      this.updateReady = true;
    });
    client.subscribe((uploads) => this.#show(client, uploads));
    void this.#try(() => client.ready);
    // Whoever was signed in is shown at once, offline too; but not to somebody who is just signing in.
    if (!token && !(own && hasSignInCode())) this.client = client;
    if (token) await client.setAccessToken(token);
    else await this.#signIn(client);
    this.client = client;
  }

  async #signIn(client: UploadClient | null): Promise<void> {
    const { options, token } = readSettings();
    if (token || options.endpoint !== undefined) return;
    try {
      await client?.setAccessToken(await signIn());
    } catch (error) {
      // Offline nothing is known of the session: whoever was signed in goes on queueing.
      if (!(error instanceof UploadError && error.code === 'network')) throw error;
    }
    this.requestUpdate();
  }

  async #signOut(): Promise<void> {
    await this.#try(async () => {
      // The server first: its cookie would sign the user in again.
      if (readSettings().options.endpoint === undefined) await signOut();
      await this.client?.setAccessToken(null);
    });
    this.requestUpdate();
  }

  async #try(act: () => Promise<void>): Promise<void> {
    this.problem = '';
    try {
      await act();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  #show({ user }: UploadClient, uploads: readonly UploadView[]): void {
    this.uploads = uploads;
    const finished = uploads.filter(({ status }) => status === 'completed' || status === 'failed');
    const news =
      this.#finished && this.#shownUser === user ? finished.filter(({ id }) => !this.#finished?.has(id)) : [];
    this.#shownUser = user;
    this.#finished = new Set(finished.map(({ id }) => id));
    // Empty does not silence: a reader says only what is new.
    if (news.length > 0) this.said = news.map((upload) => `${title(upload)}: ${state(upload)}`).join('. ');
  }
}

customElements.define('upload-app', UploadApp);

import { html, nothing } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { UploadClient, UploadError, UploadView } from '../page/index.ts';
import './add/add-files.ts';
import { AppContext } from './state/app-context.ts';
import { Announcer } from './status/announcer.ts';
import { AppElement } from './ui/app-element.ts';
import { base } from './ui/base-styles.ts';
import { hasFiles } from './ui/drag.ts';
import { icon } from './ui/icons.ts';
import { isTextFieldEvent } from './ui/text-field.ts';
import { uploadAppStyles } from './upload-app-styles.ts';
import './status/app-footer.ts';
import './queue/queue-view.ts';
import type { QueueView } from './queue/queue-view.ts';
import './add/share-banner.ts';
import './auth/sign-in-form.ts';
import type { SignInForm } from './auth/sign-in-form.ts';
import './auth/sign-out.ts';
import { hasSignInCode } from './auth/auth-api.ts';
import { AuthController } from './auth/auth-controller.ts';
import { createAppClient } from './create-app-client.ts';
import { takeDeepLink } from './state/launch.ts';
import { everySecond } from './state/throughput.ts';
import './status/throughput-view.ts';
import './status/update-banner.ts';
import { loadPreferredLanguage, strings } from './i18n/catalogue.ts';
import { describeError } from './i18n/describe.ts';
import { formatNumber } from './i18n/format.ts';

const WIDE = '(min-width: 64rem)';
const FRAME_PATIENCE_MS = 100;

/** The page: who is signed in, where files come in, and the queue. */
export class UploadApp extends AppElement {
  static override styles = [base, uploadAppStyles];
  static override properties = {
    desk: { state: true },
    uploads: { state: true },
    problem: { state: true },
    signInProblem: { state: true },
    now: { state: true },
    said: { state: true },
  };
  declare desk: AppContext | null;
  declare uploads: readonly UploadView[];
  declare problem: string;
  declare signInProblem: string;
  declare now: number;
  declare said: { readonly sentence: string };
  readonly #announcer = new Announcer((sentence) => {
    this.said = { sentence };
  });
  readonly #wide = matchMedia(WIDE);
  #listening = new AbortController();
  #signedIn: AuthController | null = null;
  /** The upload at which the app was opened, until it is shown. */
  #pointed: string | null = null;

  constructor() {
    super();
    this.desk = null;
    this.uploads = [];
    this.problem = '';
    this.signInProblem = '';
    this.now = 0;
    this.said = { sentence: '' };
    this.addEventListener('focus-lost', () => this.renderRoot.querySelector('main')?.focus({ preventScroll: true }));
  }

  /** The library's client, once it is known whose queue is shown. */
  get client(): UploadClient | null {
    return this.desk?.client ?? null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.#wide.addEventListener('change', () => this.requestUpdate(), { signal });
    // The link may be opened where the app is open already, which loads nothing anew.
    for (const type of ['online', 'hashchange']) {
      addEventListener(type, () => void this.desk?.try(async () => this.client && this.#begin(this.client)), {
        signal,
      });
    }
    addEventListener('keydown', (event) => this.#key(event), { signal });
    // A file that is dropped would take the page's place, also while nobody takes any.
    for (const type of ['dragover', 'drop'] as const) {
      addEventListener(type, (event) => hasFiles(event) && event.preventDefault(), { signal });
    }
    this.#pointed = takeDeepLink();
    everySecond(() => this.#tick(), signal);
    void this.#try(() => this.#start());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening.abort();
    this.#announcer.stop();
  }

  override render() {
    const { desk } = this;
    return html`<header><div>
        <h1><span class="logo">${icon('upload', 24)}</span>${strings().name}</h1>
        ${desk?.client.userId ? html`<sign-out .client=${desk.client} @sign-out=${this.#signOut}></sign-out>` : nothing}
      </div></header>
      <main tabindex="-1">
        ${this.problem ? this.#problem() : nothing}
        <share-banner .desk=${desk} .owner=${desk?.client.ownerId ?? null}></share-banner>
        ${desk ? this.#body(desk) : html`<p class="quiet" ?hidden=${this.problem}>${strings().starting}</p>`}
      </main>
      <div class="unseen" role="status" aria-live="polite">${this.#spoken()}</div>
      ${desk ? html`<app-footer .desk=${desk} .now=${this.now}></app-footer>` : nothing}`;
  }

  override updated(): void {
    const { desk } = this;
    if (this.#pointed === null || !desk) return;
    const { userId: user, queue } = desk.client;
    if (user !== null && queue.ownerId === user && queue.isLoaded) void desk.try(() => this.#goToPointed(desk));
  }

  /** Where nothing else is shown, loading the page again is all that is left to do. */
  #problem() {
    return html`<div class="problem">
      <p class="bad" role="alert">${this.problem}</p>
      ${this.desk ? nothing : html`<button @click=${() => location.reload()}>${strings().reload}</button>`}
    </div>`;
  }

  /** In an element of its own each time: what is said twice running is no change of a text, and would be heard once. */
  #spoken() {
    return keyed(this.said, html`<span>${this.said.sentence}</span>`);
  }

  #body(desk: AppContext) {
    if (desk.client.userId === null) return this.#signedOut(desk);
    const isEmpty = this.uploads.length === 0;
    return html`<update-banner .client=${desk.client} .busy=${desk.isBusy}></update-banner>
      <div class="columns">
        <div class="side">
          <add-files .desk=${desk} .uploads=${this.uploads} ?roomy=${this.#wide.matches || isEmpty}></add-files>
          ${this.#wide.matches && !isEmpty ? this.#traffic(desk) : nothing}
        </div>
        <queue-view
          .desk=${desk}
          .uploads=${this.uploads}
          @moved=${this.#sayMoved}
          @ask-sign-in=${this.#signOut}
          @show-status=${this.#showStatus}
        ></queue-view>
        ${this.#wide.matches || isEmpty ? nothing : this.#traffic(desk)}
      </div>`;
  }

  #signedOut(desk: AppContext) {
    const canKeep = desk.client.ownerId !== null;
    return html`<div class="alone">
      <sign-in-form .problem=${this.signInProblem} ?kept=${canKeep} @sign-in=${this.#signIn}></sign-in-form>
      ${canKeep ? html`<add-files .desk=${desk}></add-files>` : nothing}
    </div>`;
  }

  #traffic(desk: AppContext) {
    return html`<throughput-view .traffic=${desk.throughput} .now=${this.now}></throughput-view>`;
  }

  async #start(): Promise<void> {
    const { signal } = this.#listening;
    await loadPreferredLanguage();
    const client = await createAppClient();
    const desk = new AppContext(client);
    this.#signedIn = new AuthController(client);
    client.subscribe(() => this.#show(desk));
    desk.toasts.addEventListener('change', () => this.#show(desk));
    client.onShow((id) => this.#point(id));
    signal.addEventListener('abort', () => client.close());
    void client.terminated.then((error) => this.#end(error));
    void this.#try(() => client.ready);
    // Whoever was signed in is shown at once, offline too; but not to somebody who is just signing in.
    if (!this.#signedIn.isSigningIn) {
      this.desk = desk;
      // The beginning of the queue is seen before the rest of it is read.
      await painted();
      await desk.loadAll();
    }
    await this.#begin(client);
    await desk.loadAll();
    // What has ended meanwhile is not shown again.
    if (signal.aborted) return;
    this.desk = desk;
    this.requestUpdate();
  }

  async #begin(client: UploadClient): Promise<void> {
    const isByLink = hasSignInCode();
    await this.#signedIn?.restore();
    if (isByLink && client.userId === null && !hasSignInCode()) this.signInProblem = strings().signIn.used;
  }

  /** Nothing can be kept here any more: what is left is to load the page again. */
  #end(error: UploadError): void {
    this.#listening.abort();
    this.desk = null;
    this.problem = describeError(error);
  }

  #show(desk: AppContext): void {
    const { client } = desk;
    this.uploads = client.queue.items.filter(({ id }) => !desk.isRemoved(id));
    if (client.userId !== null) this.signInProblem = '';
    // The rest of a queue is no news.
    if (!client.queue.isLoaded) return;
    desk.throughput.observe(client.queue.items);
    desk.uploadLog.record(client.queue.items);
    this.#announcer.observe(client.userId, client.queue.items);
  }

  #point(id: string): void {
    this.#pointed = id;
    this.requestUpdate();
  }

  async #goToPointed(desk: AppContext): Promise<void> {
    const id = this.#pointed ?? '';
    this.#pointed = null;
    const isShown = await this.renderRoot.querySelector<QueueView>('queue-view')?.show(id);
    if (!isShown) desk.toasts.show({ text: strings().queue.gone });
  }

  #tick(): void {
    this.now = Date.now();
    this.desk?.throughput.tick(this.now, navigator.onLine);
  }

  #sayMoved({ detail }: CustomEvent<{ place: number; all: number }>): void {
    this.said = { sentence: strings().announce.moved(formatNumber(detail.place), formatNumber(detail.all)) };
  }

  #showStatus(): void {
    this.renderRoot.querySelector('app-footer')?.openStatus();
  }

  async #signIn(event: CustomEvent<string>): Promise<void> {
    this.signInProblem = '';
    try {
      const taken = await this.#signedIn?.signInWithLink(event.detail);
      if (!taken) this.signInProblem = strings().signIn.used;
    } catch (error) {
      this.signInProblem = describeError(error);
    }
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector<SignInForm>('sign-in-form')?.focus();
  }

  async #signOut({ detail: mustForget }: CustomEvent<boolean | null>): Promise<void> {
    this.desk?.toasts.flush();
    await this.desk?.try(async () => {
      if (mustForget) await this.client?.queue.clear();
      await this.#signedIn?.signOut();
    });
    this.requestUpdate();
  }

  #key(event: KeyboardEvent): void {
    const isUndo = event.key === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    // In a field it undoes typing.
    if (isUndo && !isTextFieldEvent(event) && this.desk?.toasts.undoLast()) event.preventDefault();
  }

  /** Does what the page cannot do without. */
  async #try(act: () => Promise<void>): Promise<void> {
    const { signal } = this.#listening;
    try {
      await act();
    } catch (error) {
      // What is under way when everything ends fails, which is no news.
      if (!signal.aborted) this.problem = describeError(error);
    }
  }
}

/** After the next frame, or soon where a hidden page has none. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, FRAME_PATIENCE_MS);
  });
}

customElements.define('upload-app', UploadApp);

import { html, nothing } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { loadPart, reloadNewestVersion, type UploadClient, type UploadError, type UploadView } from '../page/index.ts';
import './add/add-files.ts';
import { keepFieldsOf } from './add/batch-fields.ts';
import { NetworkGate } from './auth/network-gate.ts';
import { SignInController } from './auth/sign-in-controller.ts';
import './auth/sign-in-form.ts';
import type { SignInForm } from './auth/sign-in-form.ts';
import './auth/user-bar.ts';
import { createAppClient } from './create-app-client.ts';
import { GuestController } from './guest/guest-controller.ts';
import { isGuestUserId } from './guest/guest-token.ts';
import { loadPreferredLanguage, strings } from './i18n/catalogue.ts';
import { describeError } from './i18n/describe.ts';
import { formatNumber } from './i18n/format.ts';
import { DeepLinkController } from './queue/deep-link-controller.ts';
import './queue/queue-view.ts';
import { AppContext } from './state/app-context.ts';
import { isShareResult } from './state/launch.ts';
import { removeNetworkSignIn } from './state/network-sign-in.ts';
import { everySecond } from './state/throughput.ts';
import { Announcer } from './status/announcer.ts';
import './status/app-footer.ts';
import './status/server-banner.ts';
import './status/throughput-view.ts';
import './status/update-banner.ts';
import { AppElement } from './ui/app-element.ts';
import { base } from './ui/base-styles.ts';
import { preventFileNavigation } from './ui/drag.ts';
import { icon } from './ui/icons.ts';
import { nextPaint } from './ui/next-paint.ts';
import { isTextFieldEvent } from './ui/text-field.ts';
import { uploadAppStyles } from './upload-app-styles.ts';

const WIDE = '(min-width: 64rem)';

/** The app: starts the client, and lays out sign-in, adding, the queue and the footer. */
export class UploadApp extends AppElement {
  static override styles = [base, uploadAppStyles];
  static override properties = {
    context: { state: true },
    uploads: { state: true },
    problem: { state: true },
    now: { state: true },
  };
  declare context: AppContext | null;
  declare uploads: readonly UploadView[];
  declare problem: string;
  declare now: number;
  readonly #announcer = new Announcer(this);
  readonly #wide = matchMedia(WIDE);
  readonly #signIn = new SignInController(this);
  readonly #gate = new NetworkGate(this);
  readonly #guest = new GuestController(this);
  readonly #deepLink = new DeepLinkController(this);
  #disconnected = new AbortController();

  constructor() {
    super();
    this.context = null;
    this.uploads = [];
    this.problem = '';
    this.now = 0;
    this.addEventListener('focus-lost', () => this.renderRoot.querySelector('main')?.focus({ preventScroll: true }));
  }

  /** The client, once the app knows whose queue to show. */
  get client(): UploadClient | null {
    return this.context?.client ?? null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#disconnected = new AbortController();
    const { signal } = this.#disconnected;
    this.#wide.addEventListener('change', () => this.requestUpdate(), { signal });
    // A sign-in link that is opened in this tab changes only the hash, which does not reload the
    // page.
    for (const type of ['online', 'hashchange']) addEventListener(type, () => void this.#restoreSignIn(), { signal });
    const onVisible = () => void (this.#gate.problem ? this.#restoreSignIn() : this.#renewExpired());
    document.addEventListener('visibilitychange', onVisible, { signal });
    this.#guest.connect(signal);
    addEventListener('keydown', (event) => this.#onKey(event), { signal });
    preventFileNavigation(signal);
    everySecond(() => this.#tick(), signal);
    void this.#try(() => this.#start());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#disconnected.abort();
    this.#announcer.stop();
  }

  override render() {
    const { context } = this;
    return html`<header><div>
        <h1><span class="logo">${icon('upload', 24)}</span>${strings().name}</h1>
        <user-bar .context=${context} .config=${this.#signIn.config} .userId=${context?.client.userId ?? null} @sign-out=${this.#signOut}></user-bar>
      </div></header>
      <main tabindex="-1">
        ${this.problem ? this.#renderProblem() : nothing}
        <server-banner .problem=${this.#gate.problem ?? context?.client.serverProblem ?? null} ?busy=${context?.losesFiles ?? false}></server-banner>
        <shared-files .context=${context} .uploads=${this.uploads}></shared-files>
        ${context ? keyed(context.client.ownerId, this.#body(context)) : html`<p class="quiet" ?hidden=${this.problem}>${strings().starting}</p>`}
      </main>
      <div class="visually-hidden" role="status" aria-live="polite">${this.#announcer.render()}</div>
      ${context ? html`<app-footer .context=${context} .problem=${context.client.serverProblem} .now=${this.now}></app-footer>` : nothing}`;
  }

  /** The error, with a button to reload if the app has no context. */
  #renderProblem() {
    return html`<div class="problem">
      <p class="bad" role="alert">${this.problem}</p>
      ${this.context ? nothing : html`<button @click=${() => void reloadNewestVersion()}>${strings().reload}</button>`}
    </div>`;
  }

  #body(context: AppContext) {
    if (context.client.userId === null) return this.#signedOut(context);
    const isEmpty = this.uploads.length === 0;
    const { hasEnded } = this.#guest;
    return html`${this.#guest.render()}<update-banner .client=${context.client} .busy=${context.isBusy}></update-banner>
      <div class="columns">
        <div class="side">
          <add-files ?hidden=${hasEnded} .context=${context} .uploads=${this.uploads} ?expanded=${this.#wide.matches || isEmpty}></add-files>
          ${this.#wide.matches && !isEmpty ? this.#throughput(context) : nothing}
        </div>
        <queue-view
          .context=${context}
          .uploads=${this.uploads}
          @moved=${this.#announceMove}
          @request-sign-in=${this.#signOut}
          @show-status=${this.#openSettings}
        ></queue-view>
        ${this.#wide.matches || isEmpty ? nothing : this.#throughput(context)}
      </div>`;
  }

  #signedOut(context: AppContext) {
    const { ownerId } = context.client;
    const canAdd = ownerId !== null && !isGuestUserId(ownerId);
    return html`<div class="alone">
      <sign-in-form .problem=${this.#signIn.problem} .config=${this.#signIn.config} ?canAdd=${canAdd}
        @sign-in=${this.#signInWithLink} @sign-in-at-provider=${() => this.#signIn.signInAtProvider()}></sign-in-form>
      ${canAdd ? html`<add-files .context=${context}></add-files>` : nothing}
    </div>`;
  }

  #throughput(context: AppContext) {
    return html`<throughput-view .throughput=${context.throughput} .now=${this.now}></throughput-view>`;
  }

  async #start(): Promise<void> {
    const { signal } = this.#disconnected;
    removeNetworkSignIn();
    await loadPreferredLanguage();
    const client = await createAppClient();
    const context = new AppContext(client);
    this.#signIn.setClient(client);
    client.subscribe(() => this.#update(context));
    context.toasts.addEventListener('change', () => this.#update(context));
    client.shares.addEventListener('change', () => void this.#loadSharedFiles(context));
    void this.#loadSharedFiles(context);
    client.onShow((id) => this.#deepLink.open(id));
    signal.addEventListener('abort', () => client.close());
    void client.terminated.then((error) => this.#terminate(error));
    void this.#try(() => client.ready);
    // The user of the last visit is shown at once, also offline, unless another one is signing in.
    if (!this.#signIn.isSigningIn) {
      this.context = context;
      // The first page of the queue is painted before the rest is read.
      await nextPaint();
      await context.loadAll();
    }
    await this.#restore(client);
    await context.loadAll();
    // A terminated client is not shown again.
    if (signal.aborted) return;
    this.context = context;
    this.requestUpdate();
  }

  #restore(client: UploadClient): Promise<void> {
    return this.#gate.pass(() => this.#signIn.restore(client));
  }

  async #restoreSignIn(): Promise<void> {
    await this.context?.try(async () => this.client && this.#restore(this.client));
  }

  async #renewExpired(): Promise<void> {
    await this.context?.try(() => this.#signIn.renewExpired());
  }

  /** Loads the question about shared files when there is one. */
  async #loadSharedFiles(context: AppContext): Promise<void> {
    const isNeeded = context.client.shares.items.length > 0 || isShareResult(location.href);
    if (isNeeded) await context.try(() => loadPart(import('./add/shared-files.ts')));
  }

  /** Shows why the client lost its database. Only a reload can help. */
  #terminate(error: UploadError): void {
    this.#disconnected.abort();
    this.context = null;
    this.problem = describeError(error);
  }

  #update(context: AppContext): void {
    const { client } = context;
    if (context.observeUser()) keepFieldsOf(client.ownerId);
    this.uploads = client.queue.items.filter(({ id }) => !context.isRemoved(id));
    if (client.userId !== null) this.#signIn.clearProblem();
    this.#guest.observe(this.uploads);
    // Uploads that appear while the queue is being read are not new.
    if (!client.queue.isLoaded) return;
    context.throughput.observe(client.queue.items);
    context.uploadLog.record(client.queue.items);
    this.#announcer.observe(client.userId, client.queue.items);
  }

  #tick(): void {
    this.now = Date.now();
    this.context?.throughput.tick(this.now, navigator.onLine);
  }

  #announceMove({ detail }: CustomEvent<{ position: number; count: number }>): void {
    const { position, count } = detail;
    this.#announcer.announce(strings().announce.moved(formatNumber(position), formatNumber(count)));
  }

  #openSettings(): void {
    void this.renderRoot.querySelector('app-footer')?.openSettings();
  }

  async #signInWithLink(event: CustomEvent<string>): Promise<void> {
    await this.#signIn.signInWithLink(event.detail);
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector<SignInForm>('sign-in-form')?.focus();
  }

  /** Signs out, which shows the sign-in form: `request-sign-in` calls it too. */
  async #signOut({ detail: mustDelete }: CustomEvent<boolean | null>): Promise<void> {
    this.context?.toasts.flush();
    await this.context?.try(async () => {
      if (mustDelete) await this.client?.queue.clear();
      await this.#signIn.signOut();
    });
    this.requestUpdate();
  }

  #onKey(event: KeyboardEvent): void {
    const isUndo = event.key === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    // In a text field the key undoes typing.
    if (isUndo && !isTextFieldEvent(event) && this.context?.toasts.undoLast()) event.preventDefault();
  }

  /** Runs an action that the app depends on, and shows its error above everything else. */
  async #try(act: () => Promise<void>): Promise<void> {
    const { signal } = this.#disconnected;
    try {
      await act();
    } catch (error) {
      // Work in progress fails when the client is closed.
      if (!signal.aborted) this.problem = describeError(error);
    }
  }
}

customElements.define('upload-app', UploadApp);

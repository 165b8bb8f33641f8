import { html, nothing } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { UploadClient, UploadError, UploadView } from '../page/index.ts';
import './add-files.ts';
import { Announcer } from './announcer.ts';
import { AppElement } from './app-element.ts';
import { appStyles } from './app-styles.ts';
import { base } from './base-styles.ts';
import { Desk } from './desk.ts';
import { bringsFiles } from './drag.ts';
import { icon } from './icons.ts';
import { isInField } from './in-field.ts';
import './page-foot.ts';
import './queue-view.ts';
import type { QueueView } from './queue-view.ts';
import './shared-note.ts';
import './sign-in-form.ts';
import type { SignInForm } from './sign-in-form.ts';
import './sign-out.ts';
import { takePointed } from './launch.ts';
import { hasSignInCode } from './session.ts';
import { SignedIn } from './signed-in.ts';
import { startClient } from './start.ts';
import { everySecond } from './traffic.ts';
import './traffic-view.ts';
import './update-note.ts';
import { speakPreferred, words } from './words/catalogue.ts';
import { number } from './words/format.ts';
import { problemOf } from './words/say.ts';

const WIDE = '(min-width: 64rem)';
const FRAME_PATIENCE_MS = 100;

/** The page: who is signed in, where files come in, and the queue. */
export class UploadApp extends AppElement {
  static override styles = [base, appStyles];
  static override properties = {
    desk: { state: true },
    uploads: { state: true },
    problem: { state: true },
    signInProblem: { state: true },
    now: { state: true },
    said: { state: true },
  };
  declare desk: Desk | null;
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
  #signedIn: SignedIn | null = null;
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
      addEventListener(type, (event) => bringsFiles(event) && event.preventDefault(), { signal });
    }
    this.#pointed = takePointed();
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
        <h1><span class="logo">${icon('upload', 24)}</span>${words().name}</h1>
        ${desk?.client.user ? html`<sign-out .client=${desk.client} @sign-out=${this.#signOut}></sign-out>` : nothing}
      </div></header>
      <main tabindex="-1">
        ${this.problem ? this.#problem() : nothing}
        <shared-note .desk=${desk} .owner=${desk?.client.owner ?? null}></shared-note>
        ${desk ? this.#body(desk) : html`<p class="quiet" ?hidden=${this.problem}>${words().starting}</p>`}
      </main>
      <div class="unseen" role="status" aria-live="polite">${this.#spoken()}</div>
      ${desk ? html`<page-foot .desk=${desk} .now=${this.now}></page-foot>` : nothing}`;
  }

  override updated(): void {
    const { desk } = this;
    if (this.#pointed === null || !desk) return;
    const { user, queue } = desk.client;
    if (user !== null && queue.owner === user && queue.isWhole) void desk.try(() => this.#goToPointed(desk));
  }

  /** Where nothing else is shown, loading the page again is all that is left to do. */
  #problem() {
    return html`<div class="problem">
      <p class="bad" role="alert">${this.problem}</p>
      ${this.desk ? nothing : html`<button @click=${() => location.reload()}>${words().reload}</button>`}
    </div>`;
  }

  /** In an element of its own each time: what is said twice running is no change of a text, and would be heard once. */
  #spoken() {
    return keyed(this.said, html`<span>${this.said.sentence}</span>`);
  }

  #body(desk: Desk) {
    if (desk.client.user === null) return this.#signedOut(desk);
    const isEmpty = this.uploads.length === 0;
    return html`<update-note .client=${desk.client} .busy=${desk.isBusy}></update-note>
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

  #signedOut(desk: Desk) {
    const canKeep = desk.client.owner !== null;
    return html`<div class="alone">
      <sign-in-form .problem=${this.signInProblem} ?kept=${canKeep} @sign-in=${this.#signIn}></sign-in-form>
      ${canKeep ? html`<add-files .desk=${desk}></add-files>` : nothing}
    </div>`;
  }

  #traffic(desk: Desk) {
    return html`<traffic-view .traffic=${desk.traffic} .now=${this.now}></traffic-view>`;
  }

  async #start(): Promise<void> {
    const { signal } = this.#listening;
    await speakPreferred();
    const client = await startClient();
    const desk = new Desk(client);
    this.#signedIn = new SignedIn(client);
    client.subscribe(() => this.#show(desk));
    desk.toasts.addEventListener('change', () => this.#show(desk));
    client.onShow((id) => this.#point(id));
    signal.addEventListener('abort', () => client.close());
    void client.lost.then((error) => this.#end(error));
    void this.#try(() => client.ready);
    // Whoever was signed in is shown at once, offline too; but not to somebody who is just signing in.
    if (!this.#signedIn.isComing) {
      this.desk = desk;
      // The beginning of the queue is seen before the rest of it is read.
      await painted();
      await desk.whole();
    }
    await this.#begin(client);
    await desk.whole();
    // What has ended meanwhile is not shown again.
    if (signal.aborted) return;
    this.desk = desk;
    this.requestUpdate();
  }

  async #begin(client: UploadClient): Promise<void> {
    const isByLink = hasSignInCode();
    await this.#signedIn?.begin();
    if (isByLink && client.user === null && !hasSignInCode()) this.signInProblem = words().signIn.used;
  }

  /** Nothing can be kept here any more: what is left is to load the page again. */
  #end(error: UploadError): void {
    this.#listening.abort();
    this.desk = null;
    this.problem = problemOf(error);
  }

  #show(desk: Desk): void {
    const { client } = desk;
    this.uploads = client.queue.known.filter(({ id }) => !desk.isGone(id));
    if (client.user !== null) this.signInProblem = '';
    // The rest of a queue is no news.
    if (!client.queue.isWhole) return;
    desk.traffic.look(client.queue.known);
    desk.history.look(client.queue.known);
    this.#announcer.look(client.user, client.queue.known);
  }

  #point(id: string): void {
    this.#pointed = id;
    this.requestUpdate();
  }

  async #goToPointed(desk: Desk): Promise<void> {
    const id = this.#pointed ?? '';
    this.#pointed = null;
    const isShown = await this.renderRoot.querySelector<QueueView>('queue-view')?.show(id);
    if (!isShown) desk.toasts.show({ text: words().queue.gone });
  }

  #tick(): void {
    this.now = Date.now();
    this.desk?.traffic.tick(this.now, navigator.onLine);
  }

  #sayMoved({ detail }: CustomEvent<{ place: number; all: number }>): void {
    this.said = { sentence: words().announce.moved(number(detail.place), number(detail.all)) };
  }

  #showStatus(): void {
    this.renderRoot.querySelector('page-foot')?.openStatus();
  }

  async #signIn(event: CustomEvent<string>): Promise<void> {
    this.signInProblem = '';
    try {
      const taken = await this.#signedIn?.byLink(event.detail);
      if (!taken) this.signInProblem = words().signIn.used;
    } catch (error) {
      this.signInProblem = problemOf(error);
    }
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector<SignInForm>('sign-in-form')?.focus();
  }

  async #signOut({ detail: mustForget }: CustomEvent<boolean | null>): Promise<void> {
    this.desk?.toasts.flush();
    await this.desk?.try(async () => {
      if (mustForget) await this.client?.queue.forgetAll();
      await this.#signedIn?.end();
    });
    this.requestUpdate();
  }

  #key(event: KeyboardEvent): void {
    const isUndo = event.key === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    // In a field it undoes typing.
    if (isUndo && !isInField(event) && this.desk?.toasts.undoLast()) event.preventDefault();
  }

  /** Does what the page cannot do without. */
  async #try(act: () => Promise<void>): Promise<void> {
    const { signal } = this.#listening;
    try {
      await act();
    } catch (error) {
      // What is under way when everything ends fails, which is no news.
      if (!signal.aborted) this.problem = problemOf(error);
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

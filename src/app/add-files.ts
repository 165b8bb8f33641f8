import { html, nothing } from 'lit';
import { duplicatesOf, type UploadView } from '../page/index.ts';
import { addStyles } from './add-styles.ts';
import { AppElement } from './app-element.ts';
import { base } from './base-styles.ts';
import { addFieldsOf, type BatchFields, refusedField, rememberedFields } from './batch-fields.ts';
import './batch-form.ts';
import type { BatchForm } from './batch-form.ts';
import './add-review.ts';
import type { Desk } from './desk.ts';
import { bringsFiles } from './drag.ts';
import { type IconName, icon } from './icons.ts';
import { asksToAdd, type Launch, onLaunch } from './launch.ts';
import { droppedFiles, pastedFiles } from './pick.ts';
import { words } from './words/catalogue.ts';
import { problemOf } from './words/say.ts';

/** Where files come in: chosen, dropped anywhere, pasted, photographed, or opened with the installed app. */
export class AddFiles extends AppElement {
  static override styles = [base, addStyles];
  static override properties = {
    desk: { attribute: false },
    uploads: { attribute: false },
    roomy: { type: Boolean },
    fields: { state: true },
    offered: { state: true },
    over: { state: true },
    problem: { state: true },
  };
  declare desk: Desk | null;
  declare uploads: readonly UploadView[];
  /** Whether there is room to show the form without being asked. */
  declare roomy: boolean;
  declare fields: BatchFields;
  /** Files that wait for an answer before they are queued. */
  declare offered: readonly File[];
  declare over: boolean;
  declare problem: string;
  #listening: AbortController | null = null;

  constructor() {
    super();
    this.desk = null;
    this.uploads = [];
    this.roomy = false;
    this.fields = rememberedFields();
    this.offered = [];
    this.over = false;
    this.problem = '';
  }

  // The whole window takes a drop: a file that misses the box would otherwise replace the page.
  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    addEventListener('dragover', (event) => this.#drag(event, true), { signal });
    addEventListener('dragleave', (event) => this.#drag(event, event.relatedTarget !== null), { signal });
    addEventListener('drop', (event) => this.#drop(event), { signal });
    addEventListener('paste', (event) => void this.offer(pastedFiles(event)), { signal });
    onLaunch((launch) => void this.#launched(launch));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.abort();
  }

  override firstUpdated(): void {
    if (!asksToAdd(location.href)) return;
    // Asked once: a reload is no new wish.
    history.replaceState(null, '', location.pathname + location.hash);
    this.#showWhere();
  }

  override render() {
    const said = words().add;
    return html`<section aria-labelledby="title">
      <h2 id="title">${said.title}</h2>
      <div class="choose">
        ${this.#input('files', 'add', said.files, 'main')}
        ${this.#input('folder', 'folder', said.folder)}
        ${this.#input('camera', 'camera', said.camera)}
        <p class="quiet hint">${said.hint}</p>
      </div>
      ${this.problem ? html`<p role="alert" class="bad">${this.problem}</p>` : nothing}
      ${this.offered.length > 0 ? this.#review() : nothing}
      <details ?open=${this.roomy || this.offered.length > 0}>
        <summary>${words().form.title}</summary>
        <batch-form ?strict=${this.offered.length > 0} @fields=${this.#takeFields}></batch-form>
      </details>
      <div class="overlay" ?hidden=${!this.over}><p>${icon('upload', 40)}${said.drop}</p></div>
    </section>`;
  }

  /** What was asked is answered. */
  protected override passFocus(): void {
    this.#showWhere();
  }

  /** Queues files, or asks first where there is something to ask. */
  async offer(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    this.problem = '';
    // What the queue has already is known when all of it is.
    await this.desk?.whole();
    const all = [...this.offered, ...files];
    const mustAsk = this.fields.uploadType === 'images' || refusedField(this.fields) !== null;
    if (mustAsk || this.#duplicates(all).length > 0) this.offered = all;
    else await this.#add(all);
  }

  #review() {
    return html`<add-review
      .files=${this.offered}
      .fields=${this.fields}
      .duplicates=${this.#duplicates(this.offered)}
      @answer=${(event: CustomEvent<readonly File[]>) => this.#add(event.detail)}
      @leave-out=${(event: CustomEvent<File>) => {
        this.offered = this.offered.filter((file) => file !== event.detail);
      }}
    ></add-review>`;
  }

  #duplicates(files: readonly File[]): File[] {
    return duplicatesOf(files, addFieldsOf(this.fields), this.uploads);
  }

  #input(id: 'files' | 'folder' | 'camera', name: IconName, label: string, look = '') {
    // The real input lies unseen in the button: a click, a key and a screen reader all meet it.
    return html`<label class="button ${look} ${id}">${icon(name)}${label}
      <input
        class="unseen"
        id=${id}
        type="file"
        ?multiple=${id !== 'camera'}
        ?webkitdirectory=${id === 'folder'}
        accept=${id === 'camera' ? 'image/*' : nothing}
        capture=${id === 'camera' ? 'environment' : nothing}
        @change=${this.#choose}
      />
    </label>`;
  }

  #takeFields(event: Event): void {
    this.fields = (event.target as BatchForm).fields;
    this.problem = '';
  }

  async #choose(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    // The same file can be chosen again, before this one is queued too.
    input.value = '';
    await this.offer(files);
  }

  #drag(event: DragEvent, over: boolean): void {
    if (!bringsFiles(event)) return;
    event.preventDefault();
    this.over = over;
  }

  #drop(event: DragEvent): void {
    if (!event.dataTransfer || !bringsFiles(event)) return;
    this.#drag(event, false);
    void this.#offerRead(droppedFiles(event.dataTransfer));
  }

  async #launched({ files = [], targetURL = '' }: Launch): Promise<void> {
    if (asksToAdd(targetURL)) this.#showWhere();
    await this.#offerRead(Promise.all(files.map((handle) => handle.getFile())));
  }

  /** No page may open the file chooser by itself: it shows where a key or a touch does. */
  #showWhere(): void {
    this.renderRoot.querySelector<HTMLElement>('#files')?.focus();
  }

  /** Takes files that must be read from somewhere first, and says when they cannot be. */
  async #offerRead(reading: Promise<readonly File[]>): Promise<void> {
    try {
      await this.offer(await reading);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  async #add(files: readonly File[]): Promise<void> {
    const { desk } = this;
    this.offered = [];
    if (!desk || files.length === 0) return;
    try {
      await desk.client.add(files, addFieldsOf(this.fields));
      // Signed out nothing is shown of the queue: all the more it must be said.
      if (desk.client.user === null) desk.toasts.show({ text: words().signIn.kept });
    } catch (error) {
      this.problem = problemOf(error);
    }
  }
}

customElements.define('add-files', AddFiles);

import { html, nothing } from 'lit';
import { findDuplicates, getFreeBytes, getTotalBytes, type UploadView } from '../../page/index.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { addFilesStyles } from './add-files-styles.ts';
import { type BatchFields, findInvalidField, loadFields, toMetadata } from './batch-fields.ts';
import './batch-form.ts';
import type { BatchForm } from './batch-form.ts';
import './add-review.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError } from '../i18n/describe.ts';
import type { AppContext } from '../state/app-context.ts';
import { isAddShortcut, type Launch, onLaunch } from '../state/launch.ts';
import { hasFiles } from '../ui/drag.ts';
import { type IconName, icon } from '../ui/icons.ts';
import { type ReadFiles, readDroppedFiles, readPastedFiles } from './read-files.ts';

/** Where files come in: chosen, dropped anywhere, pasted, photographed, or opened with the installed app. */
export class AddFiles extends AppElement {
  static override styles = [base, addFilesStyles];
  static override properties = {
    desk: { attribute: false },
    uploads: { attribute: false },
    roomy: { type: Boolean },
    fields: { state: true },
    over: { state: true },
    problem: { state: true },
  };
  declare desk: AppContext | null;
  declare uploads: readonly UploadView[];
  /** Whether there is room to show the form without being asked. */
  declare roomy: boolean;
  declare fields: BatchFields;
  declare over: boolean;
  declare problem: string;
  #listening: AbortController | null = null;

  constructor() {
    super();
    this.desk = null;
    this.uploads = [];
    this.roomy = false;
    this.fields = loadFields();
    this.over = false;
    this.problem = '';
  }

  // The whole window takes a drop.
  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    addEventListener('dragover', (event) => this.#drag(event, true), { signal });
    addEventListener('dragleave', (event) => this.#drag(event, event.relatedTarget !== null), { signal });
    addEventListener('drop', (event) => this.#drop(event), { signal });
    addEventListener('paste', (event) => void this.#offer(readPastedFiles(event)), { signal });
    onLaunch((launch) => this.#launched(launch));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.abort();
  }

  override firstUpdated(): void {
    if (!isAddShortcut(location.href)) return;
    // Asked once: a reload is no new wish.
    history.replaceState(null, '', location.pathname + location.hash);
    this.#showWhere();
  }

  override render() {
    const said = strings().add;
    const isAsking = this.#picked.length > 0;
    // Not closed under the hands of who writes in it.
    const isWriting = this.shadowRoot?.activeElement?.matches('batch-form') ?? false;
    return html`<section aria-labelledby="title">
      <h2 id="title">${said.title}</h2>
      <div class="choose">
        ${this.#input('files', 'add', said.files, 'main')}
        ${this.#input('folder', 'folder', said.folder)}
        ${this.#input('camera', 'camera', said.camera)}
        <p class="quiet hint">${said.hint}</p>
      </div>
      ${this.problem ? html`<p role="alert" class="bad">${this.problem}</p>` : nothing}
      ${isAsking ? this.#review() : nothing}
      <details ?open=${this.roomy || isAsking || isWriting}>
        <summary>${strings().form.title}</summary>
        <batch-form ?strict=${isAsking} @fields=${this.#takeFields}></batch-form>
      </details>
      <div class="overlay" ?hidden=${!this.over}><p>${icon('upload', 40)}${said.drop}</p></div>
    </section>`;
  }

  /** What was asked is answered. */
  protected override restoreFocus(): void {
    this.#showWhere();
  }

  get #picked(): readonly File[] {
    return this.desk?.pendingFiles ?? [];
  }

  /** Queues files, or asks first where there is something to ask; says how many could not be read. */
  async #offer(reading: ReadFiles | Promise<ReadFiles>): Promise<void> {
    try {
      const brought = await reading;
      if (brought.length === 0) return;
      const files = brought.filter((file) => file !== null);
      const unreadable = brought.length - files.length;
      this.problem = unreadable > 0 ? strings().add.unreadable(unreadable) : '';
      // What the queue has already is known when all of it is.
      await this.desk?.loadAll();
      const free = await getFreeBytes();
      const all = [...this.#picked, ...files];
      if (this.#mustAsk(all, free)) this.#ask(all);
      else await this.#add(all);
    } catch (error) {
      this.problem = describeError(error);
    }
  }

  #mustAsk(files: readonly File[], free: number): boolean {
    if (this.fields.uploadType === 'images' || findInvalidField(this.fields) !== null) return true;
    return getTotalBytes(files) > free || this.#duplicates(files).length > 0;
  }

  #ask(files: readonly File[]): void {
    if (this.desk) this.desk.pendingFiles = files;
    this.requestUpdate();
  }

  #review() {
    return html`<add-review
      .files=${this.#picked}
      .fields=${this.fields}
      .duplicates=${this.#duplicates(this.#picked)}
      @answer=${(event: CustomEvent<readonly File[]>) => this.#add(event.detail)}
      @leave-out=${(event: CustomEvent<File>) => this.#ask(this.#picked.filter((file) => file !== event.detail))}
    ></add-review>`;
  }

  #duplicates(files: readonly File[]): File[] {
    return findDuplicates(files, toMetadata(this.fields), this.uploads);
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

  #choose(event: Event): void {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    // The same file can be chosen again, before this one is queued too.
    input.value = '';
    void this.#offer(files);
  }

  #drag(event: DragEvent, over: boolean): void {
    if (hasFiles(event)) this.over = over;
  }

  #drop(event: DragEvent): void {
    if (!event.dataTransfer || !hasFiles(event)) return;
    this.#drag(event, false);
    void this.#offer(readDroppedFiles(event.dataTransfer));
  }

  #launched({ files = [], targetURL = '' }: Launch): void {
    if (isAddShortcut(targetURL)) this.#showWhere();
    void this.#offer(Promise.all(files.map((handle) => handle.getFile().catch(() => null))));
  }

  /** No page may open the file chooser by itself: it shows where a key or a touch does. */
  #showWhere(): void {
    this.renderRoot.querySelector<HTMLElement>('#files')?.focus();
  }

  async #add(files: readonly File[]): Promise<void> {
    const { desk } = this;
    this.#ask([]);
    if (!desk || files.length === 0) return;
    try {
      await desk.client.add(files, toMetadata(this.fields));
      // Signed out nothing is shown of the queue: all the more it must be said.
      if (desk.client.userId === null) desk.toasts.show({ text: strings().signIn.kept });
    } catch (error) {
      this.problem = describeError(error);
      // Not to be looked for once more: what of them is queued already is told apart.
      this.#ask([...files, ...this.#picked]);
    }
  }
}

customElements.define('add-files', AddFiles);

import { html, nothing, type PropertyValues } from 'lit';
import {
  findDuplicates,
  getFreeBytes,
  getTotalBytes,
  loadPart,
  mapInTasks,
  type UploadView,
} from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError } from '../i18n/describe.ts';
import type { AppContext } from '../state/app-context.ts';
import { isAddShortcut, type Launch, onLaunch } from '../state/launch.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { hasFiles } from '../ui/drag.ts';
import { type IconName, icon } from '../ui/icons.ts';
import { addFilesStyles } from './add-files-styles.ts';
import {
  type BatchFields,
  EMPTY_FIELDS,
  findInvalidField,
  loadFields,
  saveFields,
  toMetadata,
} from './batch-fields.ts';
import './batch-form.ts';
import type { BatchForm } from './batch-form.ts';
import { type ReadFiles, readDroppedFiles, readPastedFiles } from './read-files.ts';

/** Reading the sizes of fewer files takes less than 100 ms. */
const MANY_FILES = 500;

/**
 * Adds files that the user chooses, drops anywhere, pastes, photographs, or opens with the
 * installed app.
 */
export class AddFiles extends AppElement {
  static override styles = [base, addFilesStyles];
  static override properties = {
    context: { attribute: false },
    uploads: { attribute: false },
    expanded: { type: Boolean },
    fields: { state: true },
    isDragOver: { state: true },
    isReading: { state: true },
    problem: { state: true },
  };
  declare context: AppContext | null;
  declare uploads: readonly UploadView[];
  /** Whether the form is open from the start. */
  declare expanded: boolean;
  declare fields: BatchFields;
  declare isDragOver: boolean;
  /** Whether so many files were chosen that their sizes take a while to read. */
  declare isReading: boolean;
  declare problem: string;
  #disconnected = new AbortController();

  constructor() {
    super();
    this.context = null;
    this.uploads = [];
    this.expanded = false;
    this.fields = EMPTY_FIELDS;
    this.isDragOver = false;
    this.isReading = false;
    this.problem = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#disconnected = new AbortController();
    const { signal } = this.#disconnected;
    addEventListener('dragover', (event) => this.#onDrag(event, true), { signal });
    addEventListener('dragleave', (event) => this.#onDrag(event, event.relatedTarget !== null), { signal });
    addEventListener('drop', (event) => this.#onDrop(event), { signal });
    addEventListener('paste', (event) => void this.#addOrAsk(readPastedFiles(event)), { signal });
    onLaunch((launch) => this.#onLaunch(launch));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#disconnected.abort();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('context')) this.fields = loadFields(this.context?.client.ownerId ?? null);
  }

  override firstUpdated(): void {
    if (!isAddShortcut(location.href)) return;
    // A reload must not move the focus again.
    history.replaceState(null, '', location.pathname + location.hash);
    this.#focusFileInput();
  }

  override render() {
    const t = strings().add;
    const isAsking = this.#pendingFiles.length > 0;
    // The form stays open while the user types in it.
    const isTyping = this.shadowRoot?.activeElement?.matches('batch-form') ?? false;
    return html`<section aria-labelledby="title">
      <h2 id="title">${t.title}</h2>
      <div class="choose">
        ${this.#input('files', 'add', t.files, 'main')}
        ${this.#input('folder', 'folder', t.folder)}
        ${this.#input('camera', 'camera', t.camera)}
        <p class="quiet hint">${t.hint}</p>
      </div>
      ${this.isReading ? html`<p role="status" class="quiet">${t.reading}</p>` : nothing}
      ${this.problem ? html`<p role="alert" class="bad">${this.problem}</p>` : nothing}
      ${isAsking ? this.#review() : nothing}
      <details ?open=${this.expanded || isAsking || isTyping}>
        <summary>${strings().form.title}</summary>
        <batch-form .fields=${this.fields} ?strict=${isAsking} @fields-change=${this.#setFields}></batch-form>
      </details>
      <div class="overlay" ?hidden=${!this.isDragOver}><p>${icon('upload', 40)}${t.drop}</p></div>
    </section>`;
  }

  /** Focuses the input: the review disappears with its buttons when the user answers. */
  protected override restoreFocus(): void {
    this.#focusFileInput();
  }

  get #pendingFiles(): readonly File[] {
    return this.context?.pendingFiles ?? [];
  }

  /**
   * Queues the files, or asks first if the user has to decide; reports how many files could not be
   * read.
   *
   * @param asksAlways for files that the user did not choose in the app.
   */
  async #addOrAsk(reading: ReadFiles | Promise<ReadFiles>, asksAlways = false): Promise<void> {
    try {
      const read = await reading;
      if (read.length === 0) return;
      const files = read.filter((file) => file !== null);
      const unreadable = read.length - files.length;
      this.problem = unreadable > 0 ? strings().add.unreadable(unreadable) : '';
      // Duplicates can only be found in the whole queue.
      await this.context?.loadAll();
      const freeBytes = await getFreeBytes();
      const maxBytes = (await this.context?.client.getMaxUploadBytes()) ?? Number.POSITIVE_INFINITY;
      const all = [...this.#pendingFiles, ...files];
      // Read before the total is needed, because it blocks the page.
      this.isReading = files.length > MANY_FILES;
      await mapInTasks(files, ({ size }) => size);
      this.isReading = false;
      if (asksAlways || this.#mustAsk(all, freeBytes, maxBytes)) this.#ask(all);
      else await this.#add(all);
    } catch (error) {
      this.problem = describeError(error);
    }
  }

  #mustAsk(files: readonly File[], freeBytes: number, maxBytes: number): boolean {
    if (this.fields.uploadType === 'images' || findInvalidField(this.fields) !== null) return true;
    if (files.some(({ size }) => size > maxBytes)) return true;
    return getTotalBytes(files) > freeBytes || this.#findDuplicates(files).length > 0;
  }

  #ask(files: readonly File[]): void {
    if (this.context) this.context.pendingFiles = files;
    if (files.length > 0) void this.#loadReview();
    this.requestUpdate();
  }

  /** Loads the review when there is something to ask. The files wait for it. */
  async #loadReview(): Promise<void> {
    try {
      await loadPart(import('./add-review.ts'));
    } catch (error) {
      this.problem = describeError(error);
    }
  }

  #review() {
    const files = this.#pendingFiles;
    return html`<add-review
      .client=${this.context?.client ?? null}
      .files=${files}
      .fields=${this.fields}
      .duplicates=${this.#findDuplicates(files)}
      @answer=${(event: CustomEvent<readonly File[]>) => this.#add(event.detail)}
      @leave-out=${(event: CustomEvent<File>) => this.#ask(files.filter((file) => file !== event.detail))}
    ></add-review>`;
  }

  #findDuplicates(files: readonly File[]): File[] {
    return findDuplicates(files, toMetadata(this.fields), this.uploads);
  }

  #input(id: 'files' | 'folder' | 'camera', iconName: IconName, label: string, style = '') {
    // The button contains the real input, invisible, so that clicks, keys and screen readers reach
    // it.
    return html`<label class="button ${style} ${id}">${icon(iconName)}${label}
      <input
        class="visually-hidden"
        id=${id}
        type="file"
        ?multiple=${id !== 'camera'}
        ?webkitdirectory=${id === 'folder'}
        accept=${id === 'camera' ? 'image/*' : nothing}
        capture=${id === 'camera' ? 'environment' : nothing}
        @change=${this.#onChoose}
      />
    </label>`;
  }

  #setFields(event: Event): void {
    this.fields = (event.target as BatchForm).fields;
    saveFields(this.context?.client.ownerId ?? null, this.fields);
    this.problem = '';
  }

  #onChoose(event: Event): void {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    // Without a value the input fires `change` for the same file again.
    input.value = '';
    void this.#addOrAsk(files);
  }

  #onDrag(event: DragEvent, isOver: boolean): void {
    if (hasFiles(event)) this.isDragOver = isOver;
  }

  #onDrop(event: DragEvent): void {
    if (!event.dataTransfer || !hasFiles(event)) return;
    this.#onDrag(event, false);
    void this.#addOrAsk(readDroppedFiles(event.dataTransfer));
  }

  #onLaunch({ files = [], targetURL = '' }: Launch): void {
    if (isAddShortcut(targetURL)) this.#focusFileInput();
    // The system may open a file with the app although the user wanted to see it.
    void this.#addOrAsk(Promise.all(files.map((handle) => handle.getFile().catch(() => null))), true);
  }

  /** Focuses the input, because a page cannot open a file chooser without a user gesture. */
  #focusFileInput(): void {
    this.renderRoot.querySelector<HTMLElement>('#files')?.focus();
  }

  async #add(files: readonly File[]): Promise<void> {
    const { context } = this;
    this.#ask([]);
    if (!context || files.length === 0) return;
    try {
      await context.client.add(files, toMetadata(this.fields));
      // The signed-out app shows no list, so a toast confirms the files.
      if (context.client.userId === null) context.toasts.show({ text: strings().signIn.canAdd });
    } catch (error) {
      this.problem = describeError(error);
      // The files stay in the review. Those that were queued before the error count as duplicates
      // there.
      this.#ask([...files, ...this.#pendingFiles]);
    }
  }
}

customElements.define('add-files', AddFiles);

import { html, nothing, type PropertyValues } from 'lit';
import {
  isActive,
  isFinished,
  isImageBatch,
  isStaged,
  loadPart,
  type UploadClient,
  UploadError,
  type UploadView,
} from '../../page/index.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import './chunk-map.ts';
import { strings } from '../i18n/catalogue.ts';
import {
  describeError,
  describeErrorCode,
  describeForecast,
  describeProblemDetails,
  describeSent,
  describeTitle,
} from '../i18n/describe.ts';
import { formatBytes, formatDuration, formatRate } from '../i18n/format.ts';
import type { AppContext } from '../state/app-context.ts';
import { isTransferring } from '../state/totals.ts';
import { ROW_MEDIA_TYPE } from '../ui/drag.ts';
import { type IconName, icon } from '../ui/icons.ts';
import { ChunkStatesController } from './chunk-states-controller.ts';
import { uploadRowStyles } from './upload-row-styles.ts';
import { renderWaitingActions } from './waiting-actions.ts';

/** One upload of the list, with its buttons. */
export class UploadRow extends AppElement {
  static override styles = [base, uploadRowStyles];
  static override properties = {
    context: { attribute: false },
    upload: { attribute: false },
    state: { attribute: false },
    sortable: { type: Boolean },
    open: { type: Boolean },
    problem: { state: true },
    otherFiles: { state: true },
  };
  declare context: AppContext | null;
  declare upload: UploadView | null;
  /**
   * The status as text. The list sets it, because a countdown changes it without a change of the
   * upload.
   */
  declare state: string;
  declare sortable: boolean;
  declare open: boolean;
  declare problem: string;
  /** Files that the user chose again, but that are not those of the upload. */
  declare otherFiles: readonly File[];
  readonly #states = new ChunkStatesController(this);

  constructor() {
    super();
    this.context = null;
    this.upload = null;
    this.state = '';
    this.sortable = false;
    this.open = false;
    this.problem = '';
    this.otherFiles = [];
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('open') && this.open) void this.#loadDetails();
    const { upload } = this;
    if (!upload) return;
    this.dataset.id = upload.id;
    this.dataset.status = upload.status === 'waiting' ? `waiting: ${upload.wait.reason}` : upload.status;
    this.dataset.staged = String(isStaged(upload));
    const isOpen = upload.session !== null || upload.progress.chunksUploaded > 0;
    this.dataset.chunk0 = String(isOpen || upload.status === 'completed');
    this.dataset.bytes = String(upload.progress.bytesUploaded);
    if (this.context) this.#states.observe(this.context.client, upload);
  }

  override render() {
    const { upload } = this;
    if (!upload) return nothing;
    return html`<div class="row">
        ${this.#icon(upload)}
        <div class="text">
          <h3 id="name" dir="auto" title=${describeTitle(upload)}>${describeTitle(upload)}</h3>
          <p class="line"><span class="state">${this.state}</span>${this.#numbers(upload)}</p>
        </div>
        <div class="actions">${this.#actions(upload)}</div>
        <chunk-map class="map" .states=${this.#states.states}></chunk-map>
        <div class="forecast"><div class="outcome">${this.#outcome(upload)}</div>
          <div class="todo">${renderWaitingActions(this, upload)}</div></div>
        ${this.problem ? html`<p class="problem bad" role="alert">${this.problem}</p>` : nothing}
      </div>
      ${this.open ? this.#details(upload) : nothing}`;
  }

  /** Shows or hides the details. */
  toggle(): void {
    this.dispatchEvent(new CustomEvent('toggle-details'));
  }

  async pauseOrResume(): Promise<void> {
    const { upload } = this;
    if (upload?.status === 'paused') await this.run((client) => client.resume(upload.id));
    else if (upload && isActive(upload)) await this.run((client) => client.pause(upload.id));
  }

  /**
   * Cancels an unfinished upload and removes a finished one; the user can undo both for a few
   * seconds.
   */
  async cancelOrRemove(): Promise<void> {
    const { context, upload } = this;
    if (!context || !upload) return;
    if (isFinished(upload)) context.remove(upload);
    else await this.run(() => context.cancel(upload));
  }

  /** Runs an action and shows its error in this row. */
  async run(act: (client: UploadClient) => Promise<unknown>): Promise<void> {
    this.problem = '';
    try {
      if (this.context) await act(this.context.client);
    } catch (error) {
      this.problem = describeError(error);
    }
  }

  /** Continues with files that the user chose again, or offers to start over with them. */
  async reattach(files: readonly File[]): Promise<void> {
    const { context, upload } = this;
    if (!context || !upload || files.length === 0) return;
    this.otherFiles = [];
    await this.run(async (client) => {
      try {
        const isReplaced = await client.reattach(upload.id, files);
        if (isReplaced) context.toasts.show({ text: strings().row.changed(describeTitle(upload)) });
      } catch (error) {
        if (error instanceof UploadError && error.code === 'different_file') this.otherFiles = files;
        throw error;
      }
    });
  }

  #outcome(upload: UploadView) {
    if (upload.status === 'failed') {
      const text = describeErrorCode(upload.code, upload.message, upload.sizeBytes);
      return html`<p class="bad"><bdi>${text}</bdi></p>`;
    }
    if (upload.status === 'completed')
      return html`<p class="quiet">${strings().row.batch} <code>${upload.batch.batch_id}</code></p>`;
    const reason = upload.serverProblem ? describeProblemDetails(upload.serverProblem) : '';
    const forecast = describeForecast(upload.closeForecast);
    return [reason, forecast].filter(Boolean).map((text) => html`<p class="quiet"><bdi>${text}</bdi></p>`);
  }

  /** Loads the details when the first row is opened. */
  async #loadDetails(): Promise<void> {
    try {
      await loadPart(import('./upload-details.ts'));
    } catch (error) {
      this.problem = describeError(error);
    }
  }

  #details(upload: UploadView) {
    return html`<upload-details .context=${this.context} .upload=${upload} .states=${this.#states.states} .sortable=${this.sortable}
      @move-by=${(event: CustomEvent<number>) => this.dispatchEvent(new CustomEvent('move-by', { detail: event.detail }))}
    ></upload-details>`;
  }

  #icon(upload: UploadView) {
    const drag = (event: DragEvent) => {
      event.dataTransfer?.setData(ROW_MEDIA_TYPE, upload.id);
      event.dataTransfer?.setDragImage(this, 0, 0);
    };
    return html`<span class="mark ${upload.status}">${icon(getIcon(upload), 22)}</span>
      ${
        this.sortable
          ? html`<span class="grip" draggable="true" aria-hidden="true" title=${strings().row.drag} @dragstart=${drag}>${icon('grip')}</span>`
          : nothing
      }`;
  }

  #numbers(upload: UploadView) {
    const t = strings().row;
    const { bytesUploaded, bytesTotal, rateBytesPerSecond, secondsLeft } = upload.progress;
    const isPartial = bytesUploaded > 0 && bytesUploaded < bytesTotal;
    const parts = [isPartial ? describeSent(bytesUploaded, bytesTotal) : formatBytes(bytesTotal)];
    if (isTransferring(upload) && rateBytesPerSecond !== null && secondsLeft !== null) {
      parts.push(formatRate(rateBytesPerSecond), t.left(formatDuration(secondsLeft)));
    }
    return html`<span class="numbers quiet">${parts.map((part) => html`<bdi>${part}</bdi>`)}</span>`;
  }

  #actions(upload: UploadView) {
    const t = strings().row;
    const button = (name: IconName, label: string, act: () => void) =>
      html`<button class="bare icon" aria-label=${label} title=${label} aria-describedby="name" @click=${act}>${icon(name)}</button>`;
    const endLabel = isFinished(upload) ? t.remove : t.cancel;
    const isPaused = upload.status === 'paused';
    const pauseOrResume = () => this.pauseOrResume();
    // One button with two meanings, so that pressing it keeps the focus.
    return html`
      ${isPaused || isActive(upload) ? button(isPaused ? 'play' : 'pause', isPaused ? t.resume : t.pause, pauseOrResume) : nothing}
      ${button(isFinished(upload) ? 'remove' : 'close', endLabel, () => this.cancelOrRemove())}
      <button class="bare icon details" aria-label=${t.details} title=${t.details} aria-describedby="name"
        aria-expanded=${this.open} @click=${this.toggle}>${icon('open')}</button>`;
  }
}

function getIcon(upload: UploadView): IconName {
  if (upload.status === 'completed') return 'done';
  if (upload.status === 'failed') return 'alert';
  if (upload.status === 'waiting') return 'wait';
  if (isImageBatch(upload.metadata)) return 'images';
  return upload.metadata.upload_type === 'file' ? 'file' : 'archive';
}

customElements.define('upload-row', UploadRow);

import { html, nothing } from 'lit';
import {
  getRemovalTime,
  isActive,
  isFinished,
  isImageBatch,
  isStaged,
  type UploadClient,
  type UploadView,
} from '../../page/index.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import './chunk-map.ts';
import type { AppContext } from '../state/app-context.ts';
import { ROW_MEDIA_TYPE } from '../ui/drag.ts';
import { type IconName, icon } from '../ui/icons.ts';
import { ChunkStatesController } from './chunk-states-controller.ts';
import { uploadRowStyles } from './upload-row-styles.ts';
import { renderWaitingActions } from './waiting-actions.ts';
import './upload-details.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError, describeErrorCode, describeForecast, describeTitle } from '../i18n/describe.ts';
import { formatBytes, formatDate, formatDuration, formatRate } from '../i18n/format.ts';
import { isTransferring } from '../state/totals.ts';

/** One upload of the queue, with what can be done about it. */
export class UploadRow extends AppElement {
  static override styles = [base, uploadRowStyles];
  static override properties = {
    desk: { attribute: false },
    upload: { attribute: false },
    state: { attribute: false },
    sortable: { type: Boolean },
    open: { type: Boolean },
    problem: { state: true },
  };
  declare desk: AppContext | null;
  declare upload: UploadView | null;
  /** The state in words, which may be others with time. */
  declare state: string;
  declare sortable: boolean;
  declare open: boolean;
  declare problem: string;
  readonly #states = new ChunkStatesController(this);

  constructor() {
    super();
    this.desk = null;
    this.upload = null;
    this.state = '';
    this.sortable = false;
    this.open = false;
    this.problem = '';
  }

  override willUpdate(): void {
    const { upload } = this;
    if (!upload) return;
    this.dataset.id = upload.id;
    this.dataset.status = upload.status === 'waiting' ? `waiting: ${upload.wait.reason}` : upload.status;
    this.dataset.staged = String(isStaged(upload));
    const isOpen = upload.session !== null || upload.progress.chunksUploaded > 0;
    this.dataset.chunk0 = String(isOpen || upload.status === 'completed');
    this.dataset.bytes = String(upload.progress.bytesUploaded);
    if (this.desk) this.#states.observe(this.desk.client, upload);
  }

  override render() {
    const { upload } = this;
    if (!upload) return nothing;
    return html`<div class="row">
        ${this.#mark(upload)}
        <div class="text">
          <h3 id="name" dir="auto" title=${describeTitle(upload)}>${describeTitle(upload)}</h3>
          <p class="line"><span class="state">${this.state}</span>${this.#numbers(upload)}</p>
        </div>
        <div class="actions">${this.#actions(upload)}</div>
        <chunk-map class="map" .states=${this.#states.states}></chunk-map>
        <div class="promise">${this.#outcome(upload)}
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
    if (upload?.status === 'paused') await this.do((client) => client.resume(upload.id));
    else if (upload && isActive(upload)) await this.do((client) => client.pause(upload.id));
  }

  /** Cancels what is not finished and removes what is; both can be undone for a while. */
  async putAway(): Promise<void> {
    const { desk, upload } = this;
    if (!desk || !upload) return;
    if (isFinished(upload)) desk.remove(upload);
    else await this.do(() => desk.cancel(upload));
  }

  /** Does something for this row, and says here what went wrong. */
  async do(act: (client: UploadClient) => Promise<unknown>): Promise<void> {
    this.problem = '';
    try {
      if (this.desk) await act(this.desk.client);
    } catch (error) {
      this.problem = describeError(error);
    }
  }

  #outcome(upload: UploadView) {
    const until = getRemovalTime(upload);
    return html`<div class="outcome">${this.#end(upload)}
      ${until === null ? nothing : html`<p class="quiet">${strings().row.leaves(formatDate(until))}</p>`}</div>`;
  }

  #end(upload: UploadView) {
    if (upload.status === 'failed')
      return html`<p class="bad"><bdi>${describeErrorCode(upload.code, upload.message)}</bdi></p>`;
    if (upload.status === 'completed')
      return html`<p class="quiet">${strings().row.batch} <code>${upload.batch.batch_id}</code></p>`;
    return html`<p class="quiet">${describeForecast(upload.closeForecast)}</p>`;
  }

  #details(upload: UploadView) {
    return html`<upload-details .desk=${this.desk} .upload=${upload} .states=${this.#states.states} .sortable=${this.sortable}
      @move-by=${(event: CustomEvent<number>) => this.dispatchEvent(new CustomEvent('move-by', { detail: event.detail }))}
    ></upload-details>`;
  }

  #mark(upload: UploadView) {
    const drag = (event: DragEvent) => {
      event.dataTransfer?.setData(ROW_MEDIA_TYPE, upload.id);
      event.dataTransfer?.setDragImage(this, 0, 0);
    };
    return html`<span class="mark ${upload.status}">${icon(markOf(upload), 22)}</span>
      ${
        this.sortable
          ? html`<span class="grip" draggable="true" aria-hidden="true" title=${strings().row.drag} @dragstart=${drag}>${icon('grip')}</span>`
          : nothing
      }`;
  }

  #numbers(upload: UploadView) {
    const said = strings().row;
    const { bytesAcknowledged, bytesUploaded, bytesTotal, rateBytesPerSecond, secondsLeft } = upload.progress;
    const saySent = bytesUploaded > bytesAcknowledged ? said.sentAbout : said.sent;
    const sent = saySent(formatBytes(bytesUploaded), formatBytes(bytesTotal));
    const parts = [bytesUploaded === 0 || bytesUploaded === bytesTotal ? formatBytes(bytesTotal) : sent];
    if (isTransferring(upload) && rateBytesPerSecond !== null && secondsLeft !== null) {
      parts.push(formatRate(rateBytesPerSecond), said.left(formatDuration(secondsLeft)));
    }
    return html`<span class="numbers quiet">${parts.map((part) => html`<bdi>${part}</bdi>`)}</span>`;
  }

  #actions(upload: UploadView) {
    const said = strings().row;
    const button = (name: IconName, label: string, act: () => void) =>
      html`<button class="bare icon" aria-label=${label} title=${label} aria-describedby="name" @click=${act}>${icon(name)}</button>`;
    const putAway = isFinished(upload) ? said.remove : said.cancel;
    const isPaused = upload.status === 'paused';
    const pauseOrResume = () => this.pauseOrResume();
    // One button: who has pressed it has the focus on it.
    return html`
      ${isPaused || isActive(upload) ? button(isPaused ? 'play' : 'pause', isPaused ? said.resume : said.pause, pauseOrResume) : nothing}
      ${button(isFinished(upload) ? 'remove' : 'close', putAway, () => this.putAway())}
      <button class="bare icon details" aria-label=${said.details} title=${said.details} aria-describedby="name"
        aria-expanded=${this.open} @click=${this.toggle}>${icon('open')}</button>`;
  }
}

function markOf(upload: UploadView): IconName {
  if (upload.status === 'completed') return 'done';
  if (upload.status === 'failed') return 'alert';
  if (upload.status === 'waiting') return 'wait';
  if (isImageBatch(upload.metadata)) return 'images';
  return upload.metadata.upload_type === 'file' ? 'file' : 'archive';
}

customElements.define('upload-row', UploadRow);

import { html, nothing } from 'lit';
import { type BatchView, getRemovalTime, isImageBatch, UploadError, type UploadView } from '../../page/index.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import './chunk-map.ts';
import type { AppContext } from '../state/app-context.ts';
import { icon } from '../ui/icons.ts';
import { uploadDetailsStyles } from './upload-details-styles.ts';
import './picture-strip.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError, describeErrorCode } from '../i18n/describe.ts';
import { formatBytes, formatDate, formatDateTime, formatNumber } from '../i18n/format.ts';

/** First delay before the batch is read again for its digests, in ms; doubles each time. */
const DIGEST_POLL_MS = 1000;

/** Details of one upload: chunk map, facts, uploaded files, and a log to copy. */
export class UploadDetails extends AppElement {
  static override styles = [base, uploadDetailsStyles];
  static override properties = {
    context: { attribute: false },
    upload: { attribute: false },
    states: { attribute: false },
    sortable: { type: Boolean },
    batch: { state: true },
    batchProblem: { state: true },
    problem: { state: true },
    copyResult: { state: true },
  };
  declare context: AppContext | null;
  declare upload: UploadView | null;
  declare states: Uint8Array;
  declare sortable: boolean;
  declare batch: BatchView | null;
  /** Why the uploaded files cannot be listed. */
  declare batchProblem: string;
  declare problem: string;
  declare copyResult: string;
  #batchId = '';

  constructor() {
    super();
    this.context = null;
    this.upload = null;
    this.states = new Uint8Array();
    this.sortable = false;
    this.batch = null;
    this.batchProblem = '';
    this.problem = '';
    this.copyResult = '';
  }

  override willUpdate(): void {
    const batchId = this.upload?.status === 'completed' ? this.upload.batch.batch_id : '';
    if (batchId === this.#batchId) return;
    this.#batchId = batchId;
    void this.#loadBatch(batchId, DIGEST_POLL_MS);
  }

  override render() {
    const { upload, context } = this;
    if (!upload || !context) return nothing;
    const removalTime = getRemovalTime(upload);
    return html`<section aria-label=${strings().row.details}>
      <chunk-map grid .states=${this.states}></chunk-map>
      ${isImageBatch(upload.metadata) ? html`<picture-strip .context=${context} .upload=${upload}></picture-strip>` : nothing}
      <dl>${this.#facts(upload)}</dl>
      ${removalTime === null ? nothing : html`<p class="quiet">${strings().details.removal(formatDate(removalTime))}</p>`}
      ${this.batch ? this.#files(this.batch) : nothing}
      ${this.batchProblem ? html`<p class="quiet">${this.batchProblem}</p>` : nothing}
      ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}
      <div class="actions">
        ${this.sortable ? this.#moves() : nothing}
        <button @click=${() => this.#copy(context.uploadLog.format(upload))}>${icon('copy')}${strings().details.copy}</button>
        <span role="status">${this.copyResult}</span>
      </div>
    </section>`;
  }

  #facts(upload: UploadView) {
    const t = strings().details;
    const { task_id: taskId, profile_id: profileId, notes, upload_type: uploadType = '' } = upload.metadata;
    const form = strings().form;
    const error = getLastError(upload);
    return [
      fact(t.size, formatBytes(upload.sizeBytes)),
      fact(t.queuedAt, formatDateTime(upload.queuedAt)),
      fact(form.type, getTypeLabel(uploadType)),
      taskId === undefined ? nothing : fact(form.task, taskId),
      profileId === undefined ? nothing : fact(form.profile, profileId),
      notes === undefined ? nothing : fact(form.notes, notes),
      upload.failures > 0 ? fact(t.attempts, formatNumber(upload.failures)) : nothing,
      error === null ? nothing : fact(t.lastError, error),
      upload.session ? fact(t.session, html`<code>${upload.session.id}</code>`) : nothing,
      upload.status === 'completed' ? fact(strings().row.batch, html`<code>${upload.batch.batch_id}</code>`) : nothing,
    ];
  }

  #files(batch: BatchView) {
    const t = strings().details;
    return html`<h4>${t.files}</h4>
      <ul>${batch.files.map(
        (file, n) => html`<li>
          <div><bdi>${file.name}</bdi> <span class="quiet numbers">${formatBytes(file.size_bytes)}</span>
            <p class="quiet">${t.digest} <code>${file.sha256 ?? t.digestLater}</code></p></div>
          <button @click=${() => this.#download(batch.batch_id, n, file.name)}>${icon('save')}${t.save}</button>
        </li>`,
      )}</ul>`;
  }

  #moves() {
    const t = strings().details;
    const move = (by: number) => () => this.dispatchEvent(new CustomEvent('move-by', { detail: by }));
    return html`<button @click=${move(Number.NEGATIVE_INFINITY)}>${icon('first')}${t.first}</button>
      <button @click=${move(-1)}>${icon('up')}${t.up}</button>
      <button @click=${move(1)}>${icon('down')}${t.down}</button>`;
  }

  /**
   * Reads the batch, and reads it again while the details are open until the server knows all
   * digests.
   */
  async #loadBatch(batchId: string, delayMs: number): Promise<void> {
    try {
      this.batch = (await this.context?.client.batches.get(batchId)) ?? null;
      this.batchProblem = '';
    } catch (error) {
      this.batchProblem = describeBatchError(error);
    }
    if (this.batch?.files.every(({ sha256 }) => sha256 !== null) ?? true) return;
    setTimeout(() => void (this.isConnected && this.#loadBatch(batchId, 2 * delayMs)), delayMs);
  }

  async #copy(text: string): Promise<void> {
    const copied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    this.copyResult = copied ? strings().details.copied : strings().details.copyRefused;
  }

  /** Downloads through `fetch`, because a link cannot send the access token. */
  async #download(batchId: string, n: number, name: string): Promise<void> {
    await this.#try(async () => {
      const blob = await this.context?.client.batches.download(batchId, n);
      if (!blob) return;
      const url = URL.createObjectURL(blob);
      Object.assign(document.createElement('a'), { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
  }

  async #try(act: () => Promise<void>): Promise<void> {
    this.problem = '';
    try {
      await act();
    } catch (error) {
      this.problem = describeBatchError(error);
    }
  }
}

/** Servers of the basic level cannot list files, which is no failure. */
function describeBatchError(error: unknown): string {
  return error instanceof UploadError && error.code === 'refused' ? strings().details.notShown : describeError(error);
}

function fact(name: string, value: unknown) {
  return html`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`;
}

function getTypeLabel(uploadType: string): string {
  const types: Readonly<Record<string, string>> = strings().form.types;
  return types[uploadType] ?? uploadType;
}

function getLastError(upload: UploadView): string | null {
  if (upload.status === 'failed') return describeErrorCode(upload.code, upload.message, upload.sizeBytes);
  return upload.status === 'waiting' && 'message' in upload.wait ? upload.wait.message : null;
}

customElements.define('upload-details', UploadDetails);

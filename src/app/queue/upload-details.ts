import { html, nothing } from 'lit';
import { type BatchView, getRemovalTime, isImageBatch, UploadError, type UploadView } from '../../page/index.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import './chunk-map.ts';
import type { AppContext } from '../state/app-context.ts';
import { icon } from '../ui/icons.ts';
import { uploadDetailsStyles } from './upload-details-styles.ts';
import './file-list.ts';
import { createBatchSource, createLocalSource } from './file-sources.ts';
import type { FileSource } from './paged-files.ts';
import './picture-strip.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError, describeErrorCode } from '../i18n/describe.ts';
import { formatBytes, formatDate, formatDateTime, formatNumber } from '../i18n/format.ts';

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
  #uploadId: string | undefined;
  #batchId = '';
  #fileSource: FileSource | null = null;

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
    if (this.upload?.id !== this.#uploadId || batchId !== this.#batchId) this.#fileSource = null;
    this.#uploadId = this.upload?.id;
    if (batchId === this.#batchId) return;
    this.#batchId = batchId;
    void this.#loadBatch(batchId);
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
      ${this.#files(context, upload)}
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

  #files({ client }: AppContext, upload: UploadView) {
    if (upload.status !== 'completed') this.#fileSource ??= createLocalSource(client, upload);
    else if (this.batch)
      this.#fileSource ??= createBatchSource(client, this.batch, (error) => this.#onBatchError(error));
    if (!this.#fileSource) return nothing;
    const t = strings().details;
    return html`<h4>${t.files}</h4>
      <file-list .source=${this.#fileSource} .label=${t.files} @download=${this.#download}></file-list>`;
  }

  #moves() {
    const t = strings().details;
    const move = (by: number) => () => this.dispatchEvent(new CustomEvent('move-by', { detail: by }));
    return html`<button @click=${move(Number.NEGATIVE_INFINITY)}>${icon('first')}${t.first}</button>
      <button @click=${move(-1)}>${icon('up')}${t.up}</button>
      <button @click=${move(1)}>${icon('down')}${t.down}</button>`;
  }

  async #loadBatch(batchId: string): Promise<void> {
    this.batch = null;
    this.batchProblem = '';
    if (batchId === '') return;
    try {
      this.batch = (await this.context?.client.batches.get(batchId)) ?? null;
    } catch (error) {
      this.#onBatchError(error);
    }
  }

  #onBatchError(error: unknown): void {
    this.batchProblem = describeBatchError(error);
  }

  async #copy(text: string): Promise<void> {
    const copied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    this.copyResult = copied ? strings().details.copied : strings().details.copyRefused;
  }

  /** Downloads through `fetch`, because a link cannot send the access token. */
  async #download({ detail }: CustomEvent<{ index: number; name: string }>): Promise<void> {
    const { index, name } = detail;
    await this.#try(async () => {
      const blob = await this.context?.client.batches.download(this.#batchId, index);
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
  if (upload.status !== 'waiting' || !('message' in upload.wait)) return null;
  const { wait } = upload;
  return wait.reason === 'backoff' && wait.code ? describeErrorCode(wait.code, wait.message) : wait.message;
}

customElements.define('upload-details', UploadDetails);

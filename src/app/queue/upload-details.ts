import { html, nothing } from 'lit';
import { type BatchView, isImageBatch, UploadError, type UploadView } from '../../page/index.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import './chunk-map.ts';
import type { AppContext } from '../state/app-context.ts';
import { icon } from '../ui/icons.ts';
import { uploadDetailsStyles } from './upload-details-styles.ts';
import './picture-strip.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeError, describeErrorCode } from '../i18n/describe.ts';
import { formatBytes, formatDateTime, formatNumber } from '../i18n/format.ts';

/** So long a server gets at first to read through what has arrived; each time it has not, twice as long, in ms. */
const READING_MS = 1000;

/** All that is known of one upload: its map, its facts, what arrived, and a log to copy. */
export class UploadDetails extends AppElement {
  static override styles = [base, uploadDetailsStyles];
  static override properties = {
    desk: { attribute: false },
    upload: { attribute: false },
    states: { attribute: false },
    sortable: { type: Boolean },
    batch: { state: true },
    unshown: { state: true },
    problem: { state: true },
    said: { state: true },
  };
  declare desk: AppContext | null;
  declare upload: UploadView | null;
  declare states: Uint8Array;
  declare sortable: boolean;
  declare batch: BatchView | null;
  /** Why it is not shown what arrived. */
  declare unshown: string;
  declare problem: string;
  declare said: string;
  #asked = '';

  constructor() {
    super();
    this.desk = null;
    this.upload = null;
    this.states = new Uint8Array();
    this.sortable = false;
    this.batch = null;
    this.unshown = '';
    this.problem = '';
    this.said = '';
  }

  override willUpdate(): void {
    const batchId = this.upload?.status === 'completed' ? this.upload.batch.batch_id : '';
    if (batchId === this.#asked) return;
    this.#asked = batchId;
    void this.#ask(batchId, READING_MS);
  }

  override render() {
    const { upload, desk } = this;
    if (!upload || !desk) return nothing;
    return html`<section aria-label=${strings().row.details}>
      <chunk-map grid .states=${this.states}></chunk-map>
      ${isImageBatch(upload.metadata) ? html`<picture-strip .desk=${desk} .upload=${upload}></picture-strip>` : nothing}
      <dl>${this.#facts(upload)}</dl>
      ${this.batch ? this.#arrived(this.batch) : nothing}
      ${this.unshown ? html`<p class="quiet">${this.unshown}</p>` : nothing}
      ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}
      <div class="actions">
        ${this.sortable ? this.#moves() : nothing}
        <button @click=${() => this.#copy(desk.uploadLog.format(upload))}>${icon('copy')}${strings().details.copy}</button>
        <span role="status">${this.said}</span>
      </div>
    </section>`;
  }

  #facts(upload: UploadView) {
    const said = strings().details;
    const { task_id: taskId, profile_id: profileId, notes, upload_type: uploadType = '' } = upload.metadata;
    const form = strings().form;
    const error = lastErrorOf(upload);
    return [
      fact(said.size, formatBytes(upload.sizeBytes)),
      fact(said.queuedAt, formatDateTime(upload.queuedAt)),
      fact(form.type, typeOf(uploadType)),
      taskId === undefined ? nothing : fact(form.task, taskId),
      profileId === undefined ? nothing : fact(form.profile, profileId),
      notes === undefined ? nothing : fact(form.notes, notes),
      fact(said.attempts, formatNumber(upload.failures)),
      fact(said.lastError, error ?? said.none),
      upload.session ? fact(said.session, html`<code>${upload.session.id}</code>`) : nothing,
      upload.status === 'completed' ? fact(strings().row.batch, html`<code>${upload.batch.batch_id}</code>`) : nothing,
    ];
  }

  #arrived(batch: BatchView) {
    const said = strings().details;
    return html`<h4>${said.files}</h4>
      <ul>${batch.files.map(
        (file, n) => html`<li>
          <div><bdi>${file.name}</bdi> <span class="quiet numbers">${formatBytes(file.size_bytes)}</span>
            <p class="quiet">${said.digest} <code>${file.sha256 ?? said.digestLater}</code></p></div>
          <button @click=${() => this.#save(batch.batch_id, n, file.name)}>${icon('save')}${said.save}</button>
        </li>`,
      )}</ul>`;
  }

  #moves() {
    const said = strings().details;
    const move = (by: number) => () => this.dispatchEvent(new CustomEvent('move-by', { detail: by }));
    return html`<button @click=${move(Number.NEGATIVE_INFINITY)}>${icon('first')}${said.first}</button>
      <button @click=${move(-1)}>${icon('up')}${said.up}</button>
      <button @click=${move(1)}>${icon('down')}${said.down}</button>`;
  }

  /** Asks for what arrived, and again as long as somebody looks and the digests are not all known. */
  async #ask(batchId: string, againMs: number): Promise<void> {
    try {
      this.batch = (await this.desk?.client.batches.get(batchId)) ?? null;
      this.unshown = '';
    } catch (error) {
      this.unshown = reasonOf(error);
    }
    if (this.batch?.files.every(({ sha256 }) => sha256 !== null) ?? true) return;
    setTimeout(() => void (this.isConnected && this.#ask(batchId, 2 * againMs)), againMs);
  }

  async #copy(text: string): Promise<void> {
    const copied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    this.said = copied ? strings().details.copied : strings().details.copyRefused;
  }

  // The token goes in a header, which a link cannot carry.
  async #save(batchId: string, n: number, name: string): Promise<void> {
    await this.#try(async () => {
      const blob = await this.desk?.client.batches.download(batchId, n);
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
      this.problem = reasonOf(error);
    }
  }
}

/** That a server shows nothing is no failure: those of the original level have no way to. */
function reasonOf(error: unknown): string {
  return error instanceof UploadError && error.code === 'refused' ? strings().details.notShown : describeError(error);
}

function fact(name: string, value: unknown) {
  return html`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`;
}

function typeOf(uploadType: string): string {
  const types: Readonly<Record<string, string>> = strings().form.types;
  return types[uploadType] ?? uploadType;
}

function lastErrorOf(upload: UploadView): string | null {
  if (upload.status === 'failed') return describeErrorCode(upload.code, upload.message);
  return upload.status === 'waiting' && 'message' in upload.wait ? upload.wait.message : null;
}

customElements.define('upload-details', UploadDetails);

import { css, html, LitElement, nothing } from 'lit';
import { isFinished, isStaged, removalAt, type UploadClient, type UploadView } from '../page/index.ts';
import { base } from './styles.ts';
import './upload-result.ts';
import { bytes, day, duration, ifClosed, state, title } from './words.ts';

/** One upload of the queue, with what can be done about it. */
export class UploadRow extends LitElement {
  static override styles = [
    base,
    css`
      article {
        padding: 0.75rem var(--space);
        border: 1px solid var(--line);
        border-radius: 0.75rem;
        background: var(--card);
      }
      h3 {
        margin: 0;
        font-size: 1rem;
        overflow-wrap: anywhere;
      }
      p {
        margin: 0.15rem 0;
        font-variant-numeric: tabular-nums;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 var(--space);
      }
      .numbers {
        font-size: 0.875rem;
      }
      .numbers span {
        white-space: nowrap;
      }
      /* Two lines from the start, so that a rate that comes later moves nothing. */
      @media (max-width: 34rem) {
        .line {
          display: grid;
        }
      }
      progress {
        display: block;
        width: 100%;
        height: 0.6rem;
        margin: 0.25rem 0;
        appearance: none;
        border: none;
        border-radius: 0.3rem;
        overflow: hidden;
        background: var(--line);
        accent-color: var(--accent);
      }
      progress::-webkit-progress-bar {
        background: var(--line);
      }
      progress::-webkit-progress-value {
        background: var(--accent);
      }
      progress::-moz-progress-bar {
        background: var(--accent);
      }
      .done::-webkit-progress-value {
        background: var(--good);
      }
      .done::-moz-progress-bar {
        background: var(--good);
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        margin-top: 0.5rem;
      }
      .actions input {
        position: absolute;
        opacity: 0;
        width: 1px;
      }
      .button {
        display: inline-flex;
        align-items: center;
      }
      .button:focus-within {
        outline: 3px solid var(--accent);
        outline-offset: 2px;
      }
    `,
  ];
  static override properties = {
    client: { attribute: false },
    upload: { attribute: false },
    problem: { state: true },
  };
  declare client: UploadClient | null;
  declare upload: UploadView | null;
  declare problem: string;

  constructor() {
    super();
    this.client = null;
    this.upload = null;
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
  }

  override render() {
    const { upload } = this;
    if (!upload) return nothing;
    const { bytesUploaded, bytesTotal } = upload.progress;
    return html`<article aria-labelledby="name">
      <h3 id="name">${title(upload)}</h3>
      <p class="line"><span>${state(upload)}</span>${this.#numbers(upload)}</p>
      <progress
        class=${upload.status === 'completed' ? 'done' : ''}
        max=${bytesTotal || 1}
        .value=${bytesTotal ? bytesUploaded : Number(upload.status === 'completed')}
        aria-label="Sent"
      ></progress>
      ${this.#outcome(upload)}
      ${this.problem ? html`<p class="bad" role="alert">${this.problem}</p>` : nothing}
      <div class="actions">${this.#actions(upload)}</div>
    </article>`;
  }

  /** One line below the bar in every state, so that nothing jumps when the state changes. */
  #outcome(upload: UploadView) {
    const until = removalAt(upload);
    const kept =
      until === null
        ? nothing
        : html`<p class="quiet">Leaves this list, with all that is kept of it here, on ${day(until)}.</p>`;
    return html`${this.#end(upload)}${kept}`;
  }

  #end(upload: UploadView) {
    if (upload.status === 'completed') {
      return html`<upload-result .batchId=${upload.answer.batch_id} .client=${this.client}></upload-result>`;
    }
    if (upload.status === 'failed') return html`<p class="bad">${upload.message}</p>`;
    return html`<p class="quiet">${ifClosed(upload.closing)}</p>`;
  }

  #numbers(upload: UploadView) {
    const { bytesUploaded, bytesTotal, rateBytesPerSecond: rate, secondsLeft, estimated } = upload.progress;
    const sent = `${estimated ? 'about ' : ''}${bytes(bytesUploaded)} of ${bytes(bytesTotal)}`;
    const isGoing = (upload.status === 'uploading' || upload.status === 'queued') && bytesUploaded < bytesTotal;
    const parts = [upload.status === 'completed' ? bytes(bytesTotal) : sent];
    if (isGoing && bytesUploaded > 0 && rate !== null && secondsLeft !== null) {
      parts.push(`${bytes(rate)}/s`, `${duration(secondsLeft)} left`);
    }
    return html`<span class="numbers quiet">${parts.map((part, i) => html`${i > 0 ? ' · ' : ''}<span>${part}</span>`)}</span>`;
  }

  #actions(upload: UploadView) {
    const { id } = upload;
    const waits = upload.status === 'waiting' ? upload.wait.reason : null;
    const action = (words: string, act: (client: UploadClient) => Promise<void>) =>
      html`<button aria-describedby="name" @click=${() => this.#do(act)}>${words}</button>`;
    return html`
      ${upload.status === 'paused' ? action('Resume', (client) => client.resume(id)) : nothing}
      ${!isFinished(upload) && upload.status !== 'paused' ? action('Pause', (client) => client.pause(id)) : nothing}
      ${waits === 'file' ? this.#chooseAgain(upload) : nothing}
      ${waits === 'unconfirmed' ? action('Send again', (client) => client.retry(id)) : nothing}
      ${waits === 'backoff' || upload.status === 'failed' ? action('Try again', (client) => client.retry(id)) : nothing}
      ${isFinished(upload) ? nothing : action('Cancel', (client) => client.cancel(id))}
      ${isFinished(upload) ? action('Remove', (client) => client.remove(id)) : nothing}
    `;
  }

  #chooseAgain(upload: UploadView) {
    const provide = (event: Event) => {
      const files = [...((event.target as HTMLInputElement).files ?? [])];
      void this.#do((client) => client.provide(upload.id, files));
    };
    const many = upload.files.length > 1;
    return html`<label class="button">Choose again<input type="file" ?multiple=${many} @change=${provide} /></label>`;
  }

  async #do(act: (client: UploadClient) => Promise<void>): Promise<void> {
    this.problem = '';
    try {
      if (this.client) await act(this.client);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }
}

customElements.define('upload-row', UploadRow);

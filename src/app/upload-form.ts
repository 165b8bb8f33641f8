import { css, html, LitElement } from 'lit';
import type { AddFields, UploadClient } from '../page/index.ts';
import { base } from './styles.ts';

/** The wire's name, the user's, and what to know about it. */
const TYPES = [
  ['file', 'File', 'Each file becomes a batch of its own.'],
  ['zip', 'Zip', 'Each archive becomes a batch of its own.'],
  ['zip_no_qr', 'Zip without QR codes', 'Each archive becomes a batch of its own, and needs a task ID.'],
  ['images', 'Images, as one batch', 'All images become one batch, 104.8 MB at most, and need a task ID.'],
] as const;

/** Where files are chosen or dropped, with what the server is told about them. */
export class UploadForm extends LitElement {
  static override styles = [
    base,
    css`
      form {
        display: grid;
        gap: var(--space);
        padding: var(--space);
        border: 1px solid var(--line);
        border-radius: 0.75rem;
        background: var(--card);
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
        gap: 0.75rem;
      }
      label {
        display: grid;
        gap: 0.25rem;
        font-size: 0.9rem;
      }
      input,
      select {
        font: inherit;
        width: 100%;
        min-height: 2.25rem;
        padding: 0 0.5rem;
        border: 1px solid var(--line);
        border-radius: 0.5rem;
        background: var(--paper);
        color: var(--ink);
      }
      .drop {
        position: relative;
        place-items: center;
        gap: 0.75rem;
        border: 2px dashed var(--line);
        border-radius: 0.75rem;
        padding: calc(1.5 * var(--space)) var(--space);
        text-align: center;
        font-size: 1rem;
      }
      .drop .button {
        display: inline-grid;
        place-items: center;
      }
      /* The real input lies unseen over the whole box: a click, a key and a screen reader all meet it. */
      .drop input {
        position: absolute;
        inset: 0;
        height: 100%;
        opacity: 0;
        cursor: pointer;
      }
      .drop:focus-within {
        outline: 3px solid var(--accent);
        outline-offset: 2px;
      }
      .drop:hover,
      .over {
        border-color: var(--accent);
      }
      p {
        margin: 0;
        min-height: 1.5em;
      }
      @media (max-width: 34rem) {
        .wide {
          grid-column: 1 / -1;
        }
      }
    `,
  ];
  static override properties = {
    client: { attribute: false },
    type: { state: true },
    problem: { state: true },
    over: { state: true },
  };
  declare client: UploadClient | null;
  declare type: string;
  declare problem: string;
  declare over: boolean;
  #listening: AbortController | null = null;

  constructor() {
    super();
    this.client = null;
    this.type = 'file';
    this.problem = '';
    this.over = false;
  }

  // The whole window takes a drop: a file that misses the box would otherwise replace the page.
  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    addEventListener('dragover', (event) => this.#drag(event, true), { signal });
    addEventListener('dragleave', (event) => this.#drag(event, false), { signal });
    addEventListener('drop', (event) => this.#drop(event), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.abort();
  }

  override render() {
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      <div class="fields">
        <label class="wide">Type
          <select name="uploadType" @change=${this.#setType}>
            ${TYPES.map(([value, words]) => html`<option value=${value}>${words}</option>`)}
          </select>
        </label>
        <label>Task ID<input name="taskId" autocomplete="off" /></label>
        <label>Profile ID<input name="profileId" inputmode="numeric" autocomplete="off" /></label>
        <label class="wide">Notes<input name="notes" autocomplete="off" /></label>
      </div>
      <label class="drop ${this.over ? 'over' : ''}">
        <span class="button main">Choose files</span>
        <span class="quiet">or drop them anywhere on this page</span>
        <input id="files" type="file" multiple aria-describedby="hint" @change=${this.#choose} />
      </label>
      <p role="alert" class="bad" ?hidden=${!this.problem}>${this.problem}</p>
      <p id="hint" class="quiet" ?hidden=${this.problem}>${TYPES.find(([value]) => value === this.type)?.[2]}</p>
    </form>`;
  }

  #setType(event: Event): void {
    this.type = (event.target as HTMLSelectElement).value;
    this.problem = '';
  }

  async #choose(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    await this.#add([...(input.files ?? [])]);
    // The same file can be chosen again.
    input.value = '';
  }

  #drag(event: DragEvent, over: boolean): void {
    // Text that is dragged into a field is none of our business.
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.over = over;
  }

  async #drop(event: DragEvent): Promise<void> {
    this.#drag(event, false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) await this.#add(files);
  }

  async #add(files: readonly File[]): Promise<void> {
    this.problem = '';
    try {
      await this.client?.add(files, this.#fields());
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  #fields(): AddFields {
    const form = this.renderRoot.querySelector('form') ?? undefined;
    const data = new FormData(form);
    const text = (name: string) => String(data.get(name) ?? '') || null;
    const profile = text('profileId');
    return {
      uploadType: text('uploadType') ?? 'file',
      taskId: text('taskId'),
      notes: text('notes'),
      profileId: profile === null ? null : wholeNumber(profile),
    };
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error('Profile ID must be a whole number');
  return Number(text);
}

customElements.define('upload-form', UploadForm);

import { css, html, LitElement, nothing } from 'lit';
import type { BatchView, UploadClient } from '../page/index.ts';
import { base } from './styles.ts';
import { bytes } from './words.ts';

/** What arrived: the batch and, where the server shows them, its files. */
export class UploadResult extends LitElement {
  static override styles = [
    base,
    css`
      code {
        overflow-wrap: anywhere;
      }
      ul {
        display: grid;
        gap: 0.5rem;
        list-style: none;
        margin: 0.5rem 0;
        padding: 0;
      }
      li {
        display: flex;
        align-items: center;
        gap: 0.75rem;
      }
      li span {
        overflow-wrap: anywhere;
      }
      summary {
        padding: 0.15rem 0;
        cursor: pointer;
      }
    `,
  ];
  static override properties = {
    client: { attribute: false },
    batchId: { attribute: false },
    batch: { state: true },
    problem: { state: true },
  };
  declare client: UploadClient | null;
  declare batchId: string;
  declare batch: BatchView | null;
  declare problem: string;

  constructor() {
    super();
    this.client = null;
    this.batchId = '';
    this.batch = null;
    this.problem = '';
  }

  override render() {
    return html`<details @toggle=${this.#load}>
      <summary>Batch <code>${this.batchId}</code></summary>
      ${this.problem ? html`<p class="bad">${this.problem}</p>` : nothing}
      <ul>
        ${this.batch?.files.map(
          (file, n) => html`<li>
            <button aria-label=${`Download ${file.name}`} @click=${() => this.#save(n, file.name)}>Download</button>
            <span>${file.name} <span class="quiet">${bytes(file.size_bytes)}</span></span>
          </li>`,
        )}
      </ul>
    </details>`;
  }

  async #load(): Promise<void> {
    if (this.batch) return;
    await this.#try(async (client) => {
      this.batch = await client.batch(this.batchId);
    });
  }

  // The token goes in a header, which a link cannot carry.
  async #save(n: number, name: string): Promise<void> {
    await this.#try(async (client) => {
      const url = URL.createObjectURL(await client.download(this.batchId, n));
      const link = Object.assign(document.createElement('a'), { href: url, download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
  }

  async #try(act: (client: UploadClient) => Promise<void>): Promise<void> {
    this.problem = '';
    try {
      if (this.client) await act(this.client);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }
}

customElements.define('upload-result', UploadResult);

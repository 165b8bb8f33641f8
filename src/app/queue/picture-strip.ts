import { css, html } from 'lit';
import type { UploadView } from '../../page/index.ts';
import type { AppContext } from '../state/app-context.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import '../ui/thumb-nail.ts';
import { strings } from '../i18n/catalogue.ts';

const MAX_PICTURES = 12;

/** Thumbnails of the first photos of an upload, read from the staged bytes. */
export class PictureStrip extends AppElement {
  static override styles = [
    base,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.375rem;
        font-size: var(--size-small);
      }
    `,
  ];
  static override properties = {
    context: { attribute: false },
    upload: { attribute: false },
    pictures: { state: true },
  };
  declare context: AppContext | null;
  declare upload: UploadView | null;
  declare pictures: readonly (Blob | null)[];
  #readKey = '';
  #isReading = false;

  constructor() {
    super();
    this.context = null;
    this.upload = null;
    this.pictures = [];
  }

  override willUpdate(): void {
    const { context, upload } = this;
    const key = upload ? `${upload.id} ${upload.stagedBytes}` : '';
    if (!context || !upload || key === this.#readKey || this.#isReading) return;
    if (!this.#readKey.startsWith(`${upload.id} `)) this.pictures = [];
    this.#readKey = key;
    void this.#read(context, upload);
  }

  /**
   * Reads one picture after another, because each may take the memory of two pieces. Pictures that
   * were read stay when the worker deletes the staged bytes of a completed upload.
   */
  async #read({ client }: AppContext, { id, files }: UploadView): Promise<void> {
    this.#isReading = true;
    const pictures = [...this.pictures];
    for (const n of files.slice(0, MAX_PICTURES).keys()) {
      pictures[n] ??= await client.contents.getFile(id, n).catch(() => null);
    }
    this.#isReading = false;
    if (this.upload?.id === id) this.pictures = pictures;
    this.requestUpdate();
  }

  override render() {
    const { pictures, upload } = this;
    const more = (upload?.fileCount ?? 0) - MAX_PICTURES;
    return html`<div ?hidden=${pictures.every((picture) => picture === null)}>
      ${pictures.map((picture, n) => html`<thumb-nail .picture=${picture} .name=${upload?.files[n]?.name ?? ''}></thumb-nail>`)}
      ${more > 0 ? strings().review.more(more) : ''}
    </div>`;
  }
}

customElements.define('picture-strip', PictureStrip);

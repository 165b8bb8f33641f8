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
  #loadedKey = '';

  constructor() {
    super();
    this.context = null;
    this.upload = null;
    this.pictures = [];
  }

  override willUpdate(): void {
    const { context, upload } = this;
    const key = upload ? `${upload.id} ${upload.stagedBytes}` : '';
    if (!context || !upload || key === this.#loadedKey) return;
    const previous = this.#loadedKey.startsWith(`${upload.id} `) ? this.pictures : [];
    this.#loadedKey = key;
    const reading = upload.files
      .slice(0, MAX_PICTURES)
      .map((_, n) => context.client.contents.getFile(upload.id, n).catch(() => null));
    void Promise.all(reading).then((pictures) => {
      if (key !== this.#loadedKey) return;
      // The worker deletes the staged bytes when the upload completes; thumbnails that were read
      // stay.
      this.pictures = pictures.map((picture, n) => picture ?? previous[n] ?? null);
    });
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

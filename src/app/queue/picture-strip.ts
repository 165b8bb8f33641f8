import { css, html } from 'lit';
import type { UploadView } from '../../page/index.ts';
import type { AppContext } from '../state/app-context.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import '../ui/thumb-nail.ts';
import { strings } from '../i18n/catalogue.ts';

const MOST = 12;

/** The first pictures of an upload, as far as their bytes lie in this browser. */
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
    desk: { attribute: false },
    upload: { attribute: false },
    pictures: { state: true },
  };
  declare desk: AppContext | null;
  declare upload: UploadView | null;
  declare pictures: readonly (Blob | null)[];
  #loaded = '';

  constructor() {
    super();
    this.desk = null;
    this.upload = null;
    this.pictures = [];
  }

  override willUpdate(): void {
    const { desk, upload } = this;
    const wanted = upload ? `${upload.id} ${upload.stagedBytes}` : '';
    if (!desk || !upload || wanted === this.#loaded) return;
    const known = this.#loaded.startsWith(`${upload.id} `) ? this.pictures : [];
    this.#loaded = wanted;
    const reading = upload.files
      .slice(0, MOST)
      .map((_, n) => desk.client.contents.getFile(upload.id, n).catch(() => null));
    void Promise.all(reading).then((pictures) => {
      if (wanted !== this.#loaded) return;
      // What was seen stays when the copies go, which they do as soon as the batch is made.
      this.pictures = pictures.map((picture, n) => picture ?? known[n] ?? null);
    });
  }

  override render() {
    const { pictures, upload } = this;
    const more = (upload?.files.length ?? 0) - MOST;
    return html`<div ?hidden=${pictures.every((picture) => picture === null)}>
      ${pictures.map((picture, n) => html`<thumb-nail .picture=${picture} .name=${upload?.files[n]?.name ?? ''}></thumb-nail>`)}
      ${more > 0 ? strings().review.more(more) : ''}
    </div>`;
  }
}

customElements.define('picture-strip', PictureStrip);

import { css, html, type PropertyValues } from 'lit';
import { AppElement } from './app-element.ts';
import { base } from './base-styles.ts';

const SIDE_PX = 64;

/**
 * A thumbnail. The browser decodes each photo at this size, so that forty photos do not fill the
 * memory.
 */
export class ThumbNail extends AppElement {
  static override styles = [
    base,
    css`
      :host {
        width: 64px;
        height: 64px;
      }
      canvas {
        display: block;
        width: 100%;
        height: 100%;
        border-radius: var(--round);
        background: var(--line);
      }
    `,
  ];
  static override properties = { picture: { attribute: false }, name: { attribute: false } };
  declare picture: Blob | null;
  declare name: string;

  constructor() {
    super();
    this.picture = null;
    this.name = '';
  }

  override render() {
    return html`<canvas width=${SIDE_PX} height=${SIDE_PX} role="img" aria-label=${this.name}></canvas>`;
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('picture')) void this.#load(this.picture);
  }

  async #load(picture: Blob | null): Promise<void> {
    const options = { resizeWidth: 2 * SIDE_PX, resizeQuality: 'medium' } as const;
    // A file that the browser cannot decode stays a grey square with its name.
    const bitmap = picture && (await createImageBitmap(picture, options).catch(() => null));
    if (picture === this.picture) this.#draw(bitmap);
    bitmap?.close();
  }

  #draw(bitmap: ImageBitmap | null): void {
    const canvas = this.renderRoot.querySelector('canvas');
    if (!canvas) return;
    // Setting the size also clears the canvas, so that no previous picture shows under this name.
    canvas.width = canvas.height = 2 * SIDE_PX;
    if (!bitmap) return;
    const side = Math.min(bitmap.width, bitmap.height);
    const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
    canvas.getContext('2d')?.drawImage(bitmap, left, top, side, side, 0, 0, canvas.width, canvas.height);
  }
}

customElements.define('thumb-nail', ThumbNail);

import { generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';
import { css, html, svg } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';

/** The empty border that scanners need, in modules (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** A link as a QR code and as text, with a button that copies it. */
export class LinkShare extends AppElement {
  static override styles = [
    base,
    css`
      :host {
        display: grid;
        justify-items: center;
        gap: 0.75rem;
        width: 100%;
      }
      /* Scanners need dark modules on a light ground, also in the dark and with forced colours. */
      .code {
        width: min(13rem, 100%);
        border: 1px solid var(--line);
        border-radius: var(--round);
        background: #fff;
        forced-color-adjust: none;
      }
      .link {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 0.5rem;
        width: 100%;
      }
      label {
        flex: 1 1 12rem;
      }
    `,
  ];
  static override properties = { url: { attribute: false }, copyResult: { state: true } };
  declare url: string;
  declare copyResult: string;

  constructor() {
    super();
    this.url = '';
    this.copyResult = '';
  }

  override render() {
    const t = strings().link;
    return html`${this.#renderCode(t.qrCode)}
      <div class="link">
        <label>${t.label}<input readonly dir="ltr" .value=${this.url} @focus=${selectAll} /></label>
        <button @click=${this.#copy}>${icon('copy')}${t.copy}</button>
      </div>
      <p class="quiet" role="status">${this.copyResult}</p>`;
  }

  #renderCode(label: string) {
    const code = generate(this.url);
    const size = code.size + 2 * QUIET_ZONE;
    const viewBox = `${-QUIET_ZONE} ${-QUIET_ZONE} ${size} ${size}`;
    return html`<svg class="code" role="img" aria-label=${label} viewBox=${viewBox} shape-rendering="crispEdges">
      ${svg`<path d=${toSvgPath(code)} fill="#000" />`}
    </svg>`;
  }

  async #copy(): Promise<void> {
    const copied = await navigator.clipboard.writeText(this.url).then(
      () => true,
      () => false,
    );
    this.copyResult = copied ? strings().link.copied : strings().details.copyRefused;
  }
}

function selectAll({ target }: FocusEvent): void {
  (target as HTMLInputElement).select();
}

customElements.define('link-share', LinkShare);

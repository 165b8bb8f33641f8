import { css, html, nothing } from 'lit';
import { requiresTaskId } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { type BatchFields, EMPTY_FIELDS, findInvalidField, TYPES, toMetadata } from './batch-fields.ts';

/**
 * The upload details, which are the same for all files that are added together. Fires
 * `fields-change`.
 */
export class BatchForm extends AppElement {
  static override styles = [
    base,
    css`
      form {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 0.75rem;
        margin: 0;
      }
      .wide,
      p {
        grid-column: 1 / -1;
      }
      p {
        font-size: var(--size-small);
        min-height: 3em;
      }
      [aria-invalid='true'] {
        border: 2px solid var(--bad);
      }
    `,
  ];
  static override properties = { fields: { attribute: false }, strict: { type: Boolean } };
  declare fields: BatchFields;
  /** Whether missing values are shown as errors, because files wait for them. */
  declare strict: boolean;

  constructor() {
    super();
    this.fields = EMPTY_FIELDS;
    this.strict = false;
  }

  override render() {
    const t = strings().form;
    const { uploadType } = this.fields;
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      <label class="wide">${t.type}
        <select name="uploadType" @change=${this.#change}>
          ${TYPES.map((type) => html`<option value=${type} .selected=${type === uploadType}>${t.types[type]}</option>`)}
        </select>
      </label>
      ${this.#field('taskId', t.task, requiresTaskId(toMetadata(this.fields)))}
      ${this.#field('profileId', t.profile)}
      ${this.#field('notes', t.notes)}
      <p class="quiet">${t.about[uploadType]}</p>
    </form>`;
  }

  #field(name: Exclude<keyof BatchFields, 'uploadType'>, label: string, required = false) {
    const isInvalid = findInvalidField(this.fields) === name && (this.strict || name === 'profileId');
    const rule = name === 'taskId' ? strings().form.taskRule : strings().form.profileRule;
    return html`<label class=${name === 'notes' ? 'wide' : ''}>${label}
      <input
        name=${name}
        autocomplete="off"
        inputmode=${name === 'profileId' ? 'numeric' : 'text'}
        aria-required=${required}
        aria-invalid=${isInvalid}
        .value=${this.fields[name]}
        @input=${this.#change}
      />
      ${isInvalid ? html`<span class="bad">${rule}</span>` : nothing}
    </label>`;
  }

  #change(event: Event): void {
    const { name, value } = event.target as HTMLInputElement | HTMLSelectElement;
    this.fields = { ...this.fields, [name]: value };
    this.dispatchEvent(new CustomEvent('fields-change'));
  }
}

customElements.define('batch-form', BatchForm);

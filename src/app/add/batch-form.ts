import { css, html, nothing } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { type BatchFields, findInvalidField, loadFields, requiresTaskId, saveFields, TYPES } from './batch-fields.ts';

/** What the server is told about files: remembered, and shared by all that are added together. */
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
  /** Whether what is missing is shown as wrong: there are files that wait for it. */
  declare strict: boolean;

  constructor() {
    super();
    this.fields = loadFields();
    this.strict = false;
  }

  override render() {
    const said = strings().form;
    const { uploadType } = this.fields;
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      <label class="wide">${said.type}
        <select name="uploadType" @change=${this.#change}>
          ${TYPES.map((type) => html`<option value=${type} .selected=${type === uploadType}>${said.types[type]}</option>`)}
        </select>
      </label>
      ${this.#field('taskId', said.task, requiresTaskId(this.fields))}
      ${this.#field('profileId', said.profile)}
      ${this.#field('notes', said.notes)}
      <p class="quiet">${said.about[uploadType]}</p>
    </form>`;
  }

  #field(name: Exclude<keyof BatchFields, 'uploadType'>, label: string, required = false) {
    const isWrong = findInvalidField(this.fields) === name && (this.strict || name === 'profileId');
    const wrong = name === 'taskId' ? strings().form.taskRule : strings().form.profileRule;
    return html`<label class=${name === 'notes' ? 'wide' : ''}>${label}
      <input
        name=${name}
        autocomplete="off"
        inputmode=${name === 'profileId' ? 'numeric' : 'text'}
        aria-required=${required}
        aria-invalid=${isWrong}
        .value=${this.fields[name]}
        @input=${this.#change}
      />
      ${isWrong ? html`<span class="bad">${wrong}</span>` : nothing}
    </label>`;
  }

  #change(event: Event): void {
    const { name, value } = event.target as HTMLInputElement | HTMLSelectElement;
    this.fields = { ...this.fields, [name]: value };
    saveFields(this.fields);
    this.dispatchEvent(new CustomEvent('fields'));
  }
}

customElements.define('batch-form', BatchForm);

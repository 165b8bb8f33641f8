import { html, nothing } from 'lit';
import { canRetry, isStaged, type UploadClient, type UploadView } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';

/** The row of an upload: runs an action and shows its error. */
interface Row extends EventTarget {
  /** Files that are not those of the upload; empty if the user chose none. */
  otherFiles: readonly File[];
  run(act: (client: UploadClient) => Promise<unknown>): Promise<void>;
  reattach(files: readonly File[]): Promise<void>;
}

/** The buttons with which the user lets a waiting or failed upload continue. */
export function renderWaitingActions(row: Row, upload: UploadView) {
  const t = strings().row;
  const { id } = upload;
  const button = (label: string, act: () => void) =>
    html`<button aria-describedby="name" @click=${act}>${label}</button>`;
  const request = (type: string) => row.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true }));
  const retry = () => row.run((client) => client.retry(id));
  if (upload.status === 'failed' && upload.code === 'storage_full') {
    return html`${button(t.freeStorage, () => request('show-status'))}${button(t.retry, retry)}`;
  }
  if (upload.status === 'failed' && upload.code === 'unreadable_file' && !isStaged(upload)) {
    return renderFileInput(row, upload);
  }
  if (upload.status === 'failed') return canRetry(upload) ? button(t.retry, retry) : nothing;
  if (upload.status !== 'waiting') return nothing;
  switch (upload.wait.reason) {
    case 'file':
      return renderFileInput(row, upload);
    case 'unconfirmed':
      return button(t.sendAgain, retry);
    case 'background-fetch':
      return button(strings().backgroundFetch.abort, () => row.run((client) => client.backgroundFetch.abort(id)));
    case 'backoff':
      return button(t.retry, retry);
    case 'sign-in':
      return button(t.signIn, () => request('request-sign-in'));
    default:
      return nothing;
  }
}

function renderFileInput(row: Row, upload: UploadView) {
  const reattach = (event: Event) => {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    // Without a value the input fires `change` for the same file again.
    input.value = '';
    void row.reattach(files);
  };
  const replace = () => row.run((client) => client.replace(upload.id, row.otherFiles));
  const isFolder = upload.files.some(({ path }) => path?.includes('/'));
  return html`<label class="button">${strings().row.chooseAgain}
    <input
      class="visually-hidden"
      type="file"
      aria-describedby="name"
      ?multiple=${upload.fileCount > 1}
      ?webkitdirectory=${isFolder}
      @change=${reattach}
    />
  </label>
  ${row.otherFiles.length > 0 ? html`<button aria-describedby="name" @click=${replace}>${strings().row.startOver(row.otherFiles.length)}</button>` : nothing}`;
}

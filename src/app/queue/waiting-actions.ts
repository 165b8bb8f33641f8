import { html, nothing } from 'lit';
import type { UploadClient, UploadView } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';

/** Where an upload is shown: does something for it, and says there what went wrong. */
interface Row extends EventTarget {
  do(act: (client: UploadClient) => Promise<unknown>): Promise<void>;
}

/** What the user can do about an upload that stands still: the one thing that lets it go on. */
export function renderWaitingActions(row: Row, upload: UploadView) {
  const said = strings().row;
  const { id } = upload;
  const action = (label: string, act: () => void) =>
    html`<button aria-describedby="name" @click=${act}>${label}</button>`;
  const ask = (what: string) => row.dispatchEvent(new CustomEvent(what, { bubbles: true, composed: true }));
  const retry = () => row.do((client) => client.retry(id));
  if (upload.status === 'failed' && upload.code === 'storage_full') {
    return html`${action(said.freeStorage, () => ask('show-status'))}${action(said.retry, retry)}`;
  }
  if (upload.status === 'failed') return action(said.retry, retry);
  if (upload.status !== 'waiting') return nothing;
  switch (upload.wait.reason) {
    case 'file':
      return chooseAgain(row, upload);
    case 'unconfirmed':
      return action(said.sendAgain, retry);
    case 'background-fetch':
      return action(strings().carrier.takeBack, () => row.do((client) => client.backgroundFetch.abort(id)));
    case 'backoff':
      return action(said.retry, retry);
    case 'sign-in':
      return action(said.signIn, () => ask('ask-sign-in'));
    default:
      return nothing;
  }
}

function chooseAgain(row: Row, upload: UploadView) {
  const provide = (event: Event) => {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    // The same file can be chosen again: what was wrong with it may be mended.
    input.value = '';
    void row.do((client) => client.reattach(upload.id, files));
  };
  return html`<label class="button">${strings().row.chooseAgain}
    <input class="unseen" type="file" aria-describedby="name" ?multiple=${upload.files.length > 1} @change=${provide} />
  </label>`;
}

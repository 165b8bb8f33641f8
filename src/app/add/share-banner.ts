import { html, nothing, type PropertyValues } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import type { AppContext } from '../state/app-context.ts';
import { AppElement } from '../ui/app-element.ts';
import { bannerStyles } from '../ui/banner-styles.ts';
import { base } from '../ui/base-styles.ts';

/**
 * Reports files that another app shared to the worker, and asks about those that the queue already
 * has.
 */
export class ShareBanner extends AppElement {
  static override styles = [base, bannerStyles];
  static override properties = {
    context: { attribute: false },
    owner: { attribute: false },
    duplicates: { state: true },
  };
  declare context: AppContext | null;
  /** The user for whom the worker queued the files. */
  declare owner: string | null;
  /**
   * Ids of shared uploads that the queue already had: staged, and paused until the user answers.
   */
  declare duplicates: readonly string[];

  constructor() {
    super();
    this.context = null;
    this.owner = null;
    this.duplicates = [];
  }

  override willUpdate(changed: PropertyValues<this>): void {
    // Another user must neither see nor answer the question.
    if (changed.has('owner')) this.duplicates = [];
    const query = new URLSearchParams(location.search);
    const share = query.get('share');
    if (!changed.has('context') || !this.context || share === null) return;
    // A reload must not report the files again.
    history.replaceState(null, '', location.pathname + location.hash);
    const t = strings().add;
    const problem = { nobody: t.sharedSignedOut, nothing: t.sharedNoFile, failed: t.sharedFailed }[share];
    this.duplicates = (query.get('again') ?? '').split(',').filter((id) => id !== '');
    this.context.toasts.show(problem ? { text: problem, isBad: true } : { text: t.shared(Number(share)) });
  }

  override render() {
    if (this.duplicates.length === 0) return nothing;
    const t = strings().review;
    const answer = (act: (id: string) => Promise<void>) => async () => {
      const ids = this.duplicates;
      this.duplicates = [];
      await this.context?.try(() => Promise.all(ids.map(act)));
    };
    return html`<p role="alert">${t.duplicates(this.duplicates.length)}
      <button @click=${answer(async (id) => this.context?.client.resume(id))}>${t.addAll}</button>
      <button @click=${answer(async (id) => this.context?.client.remove(id))}>${t.discard}</button></p>`;
  }
}

customElements.define('share-banner', ShareBanner);

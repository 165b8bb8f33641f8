import { html, nothing, type PropertyValues } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import type { AppContext } from '../state/app-context.ts';
import { AppElement } from '../ui/app-element.ts';
import { bannerStyles } from '../ui/banner-styles.ts';
import { base } from '../ui/base-styles.ts';

/** What the worker did with files that another app shared: said once, and asked where the queue had them already. */
export class ShareBanner extends AppElement {
  static override styles = [base, bannerStyles];
  static override properties = { desk: { attribute: false }, owner: { attribute: false }, again: { state: true } };
  declare desk: AppContext | null;
  /** Whose queue it was shared to. */
  declare owner: string | null;
  /** Ids of what was shared although the queue had it: staged, and paused until there is an answer. */
  declare again: readonly string[];

  constructor() {
    super();
    this.desk = null;
    this.owner = null;
    this.again = [];
  }

  override willUpdate(changed: PropertyValues<this>): void {
    // Nobody else is asked, nor may answer.
    if (changed.has('owner')) this.again = [];
    const query = new URLSearchParams(location.search);
    const share = query.get('share');
    if (!changed.has('desk') || !this.desk || share === null) return;
    // Said once: a reload is no new share.
    history.replaceState(null, '', location.pathname + location.hash);
    const said = strings().add;
    const problem = { nobody: said.sharedNobody, nothing: said.sharedNothing, failed: said.sharedFailed }[share];
    this.again = (query.get('again') ?? '').split(',').filter((id) => id !== '');
    this.desk.toasts.show(problem ? { text: problem, isBad: true } : { text: said.shared(Number(share)) });
  }

  override render() {
    if (this.again.length === 0) return nothing;
    const said = strings().review;
    const answer = (act: (id: string) => Promise<void>) => async () => {
      const ids = this.again;
      this.again = [];
      await this.desk?.try(() => Promise.all(ids.map(act)));
    };
    return html`<p role="alert">${said.duplicates(this.again.length)}
      <button @click=${answer(async (id) => this.desk?.client.resume(id))}>${said.addAll}</button>
      <button @click=${answer(async (id) => this.desk?.client.remove(id))}>${said.discard}</button></p>`;
  }
}

customElements.define('share-banner', ShareBanner);

import { html, nothing } from 'lit';
import type { UploadView } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeForecast, describeSent } from '../i18n/describe.ts';
import { formatBytes, formatDuration, formatNumber, formatPercent, formatRate } from '../i18n/format.ts';
import type { AppContext } from '../state/app-context.ts';
import { requestNotificationPermission } from '../state/browser-features.ts';
import type { Totals } from '../state/totals.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { icon } from '../ui/icons.ts';
import { queueSummaryStyles } from './queue-summary-styles.ts';

/** Progress of the whole queue, its actions, and what happens if the app is closed now. */
export class QueueSummary extends AppElement {
  static override styles = [base, queueSummaryStyles];
  static override properties = {
    context: { attribute: false },
    uploads: { attribute: false },
    totals: { attribute: false },
  };
  declare context: AppContext | null;
  declare uploads: readonly UploadView[];
  declare totals: Totals | null;

  constructor() {
    super();
    this.context = null;
    this.uploads = [];
    this.totals = null;
  }

  override render() {
    const { totals } = this;
    if (!totals) return this.#loading();
    const { bytesUploaded, bytesTotal, isComplete } = totals;
    const share = formatPercent(getShare(totals));
    return html`<section aria-labelledby="title">
      <h2 id="title">${this.#headline(totals)}</h2>
      <p class="numbers quiet">${this.#numbers(totals).map((part) => html`<bdi>${part}</bdi>`)}</p>
      <div class="actions">${this.#actions(totals)}</div>
      <progress class=${isComplete ? 'complete' : ''} max=${bytesTotal || 1} .value=${bytesTotal ? bytesUploaded : Number(isComplete)}
        aria-labelledby="title" aria-valuetext=${share}>${share}</progress>
      <div class="forecast"><p>${this.#forecast().map((text) => html`<span>${text}</span>`)}</p>${this.#backgroundFetch()}</div>
    </section>`;
  }

  /** Focuses the next button: most buttons disappear when they are pressed. */
  protected override restoreFocus(from: Element): void {
    const button = this.renderRoot.querySelector<HTMLElement>('.actions button');
    if (button) button.focus();
    else super.restoreFocus(from);
  }

  /** A placeholder of the height of the summary. */
  #loading() {
    return html`<section aria-labelledby="title" aria-busy="true">
      <h2 id="title">${strings().queue.reading}</h2>
      <p></p>
      <div class="actions"></div>
      <progress aria-labelledby="title"></progress>
      <div class="forecast"><p></p></div>
    </section>`;
  }

  #headline({ counts, failedCount }: Totals): string {
    const t = strings().queue;
    if (counts.done === counts.all) return t.complete(counts.all);
    // Like the sums of bytes, without cancelled uploads.
    const count = counts.done + counts.active + counts.waiting + failedCount;
    if (counts.done + counts.active + counts.waiting === 0) return describeStopped(counts.failed, failedCount);
    return t.summary(formatNumber(counts.done), formatNumber(count));
  }

  #numbers({
    bytesTotal,
    bytesUploaded,
    bytesToGo,
    isComplete,
    failedCount,
    counts,
    rateBytesPerSecond,
  }: Totals): string[] {
    const t = strings();
    if (isComplete) return [formatBytes(bytesTotal)];
    if (counts.failed === counts.all && failedCount === 0) return [];
    const parts = [describeSent(bytesUploaded, bytesTotal)];
    // The headline names them if nothing else is left.
    if (failedCount > 0 && counts.failed < counts.all) parts.push(t.announce.failed(failedCount));
    if (rateBytesPerSecond && bytesToGo > 0) {
      parts.push(formatRate(rateBytesPerSecond), t.row.left(formatDuration(bytesToGo / rateBytesPerSecond)));
    }
    return parts;
  }

  #actions({ counts, activeCount, pausedCount }: Totals) {
    const t = strings().queue;
    const { context } = this;
    const button = (label: string, name: 'pause' | 'play', act: () => Promise<void> | undefined) =>
      html`<button @click=${() => context?.try(async () => act())}>${icon(name)}${label}</button>`;
    return html`
      ${activeCount > 0 ? button(t.pauseAll, 'pause', () => context?.client.queue.pause()) : nothing}
      ${pausedCount > 0 ? button(t.resumeAll, 'play', () => context?.client.queue.resume()) : nothing}
      ${counts.done > 0 ? html`<button @click=${() => context?.clearFinished()}>${t.clear}</button>` : nothing}`;
  }

  /** The button for Background Fetch; shown only where it would change the forecast before it. */
  #backgroundFetch() {
    const { context } = this;
    const { isStarting = false, eligible = [] } = context?.client.backgroundFetch ?? {};
    const t = strings().backgroundFetch;
    const start = () => {
      if (!context || isStarting) return;
      void context.try(() => context.client.backgroundFetch.start());
      // Users who are about to close the app may want to be notified.
      void requestNotificationPermission();
    };
    // `aria-disabled` keeps the focus on the button while the fetch starts; `disabled` would lose
    // it.
    const startButton = html`<button aria-disabled=${isStarting} @click=${start}>${t.start}</button>`;
    const stopButton = html`<button @click=${() => context?.client.backgroundFetch.cancelStart()}>${t.stop}</button>`;
    return html`
      ${isStarting || eligible.length > 0 ? startButton : nothing}
      ${isStarting ? stopButton : nothing}
      <span role="status" class="quiet">${isStarting ? t.preparing : ''}</span>`;
  }

  /** The forecast of the queue, and a second sentence for the uploads in a Background Fetch. */
  #forecast(): string[] {
    const { forecast, uploadCount = 0, backgroundFetchCount = 0 } = this.context?.client.closeForecast() ?? {};
    if (!forecast || forecast.kind === 'nothing-left') return [];
    const t = strings().forecast;
    // Several uploads may each need another action.
    const needsSeveral = forecast.kind === 'needs-action' && uploadCount > 1;
    const text = needsSeveral ? t.waiting(uploadCount) : describeForecast(forecast);
    return backgroundFetchCount > 0 ? [text, t.inBackground(backgroundFetchCount)] : [text];
  }
}

/** From 0 to 1, rounded down: 100 % means complete. */
function getShare({ bytesTotal, bytesUploaded, isComplete }: Totals): number {
  if (isComplete) return 1;
  return bytesTotal === 0 ? 0 : Math.min(99, Math.floor((100 * bytesUploaded) / bytesTotal)) / 100;
}

function describeStopped(stoppedCount: number, failedCount: number): string {
  const stopped = strings().queue.stopped(stoppedCount);
  if (failedCount === 0) return stopped;
  return strings().queue.stoppedFailed(stopped, strings().announce.failed(failedCount));
}

customElements.define('queue-summary', QueueSummary);

import { html, type ReactiveControllerHost } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { UploadView } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeUpload } from '../i18n/describe.ts';
import { formatList } from '../i18n/format.ts';

/**
 * Events within this time share one announcement, so that thousands of small files do not flood a
 * screen reader.
 */
const GATHER_MS = 1500;

/** The kinds of events, in the order of a shared announcement. */
const KINDS = ['added', 'uploaded', 'failed', 'waiting'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Announces uploads that were added, completed, failed or need the user since the first call of
 * `observe`.
 */
export class Announcer {
  readonly #host: Pick<ReactiveControllerHost, 'requestUpdate'>;
  #announcement = { sentence: '' };
  #userId: string | null = null;
  #kinds: ReadonlyMap<string, Kind> | null = null;
  readonly #pending = new Map<string, UploadView>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Pick<ReactiveControllerHost, 'requestUpdate'>) {
    this.#host = host;
  }

  announce(sentence: string): void {
    this.#announcement = { sentence };
    this.#host.requestUpdate();
  }

  /**
   * A new element for each announcement: a text that stays the same would not be announced twice.
   */
  render() {
    return keyed(this.#announcement, html`<span>${this.#announcement.sentence}</span>`);
  }

  /** Compares the uploads of a user with those of the previous call. */
  observe(userId: string | null, uploads: readonly UploadView[]): void {
    if (this.#userId !== userId) this.#forget();
    const previous = this.#kinds;
    if (previous)
      for (const upload of uploads) {
        if (isWorthAnnouncing(getKind(upload), previous.get(upload.id))) this.#pending.set(upload.id, upload);
      }
    this.#userId = userId;
    this.#kinds = new Map(uploads.map((upload) => [upload.id, getKind(upload)]));
    if (this.#pending.size > 0) this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The next user must not read what was announced to this one. */
  #forget(): void {
    this.#pending.clear();
    this.#kinds = null;
    if (this.#announcement.sentence !== '') this.announce('');
  }

  #flush(): void {
    const t = strings().announce;
    const uploads = [...this.#pending.values()];
    const [first] = uploads;
    const count = (kind: Kind) => uploads.filter((upload) => getKind(upload) === kind).length;
    const parts = KINDS.filter((kind) => count(kind) > 0).map((kind) => t[kind](count(kind)));
    if (first) this.announce(uploads.length === 1 ? describeUpload(first) : formatList(parts));
    this.#pending.clear();
    this.#timer = undefined;
  }
}

function getKind(upload: UploadView): Kind {
  if (upload.status === 'completed') return 'uploaded';
  if (upload.status === 'failed') return 'failed';
  return upload.status === 'waiting' && upload.closeForecast.kind === 'needs-action' ? 'waiting' : 'added';
}

/** An upload that only continues is not announced again. */
function isWorthAnnouncing(kind: Kind, previous: Kind | undefined): boolean {
  return kind !== previous && (kind !== 'added' || previous === undefined);
}

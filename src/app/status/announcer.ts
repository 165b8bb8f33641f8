import type { UploadView } from '../../page/index.ts';
import { strings } from '../i18n/catalogue.ts';
import { describeUpload } from '../i18n/describe.ts';
import { formatList } from '../i18n/format.ts';

/** What happens within this time is said in one sentence: ten thousand small files are not ten thousand announcements. */
const GATHER_MS = 1500;

/** What of an upload is worth saying aloud, in the order in which it is said. */
const NEWS = ['added', 'uploaded', 'failed', 'waiting'] as const;
type News = (typeof NEWS)[number];

/** Finds what is worth saying aloud: that an upload was added, arrived, failed or waits for the user since the list was first seen. */
export class Announcer {
  readonly #say: (sentence: string) => void;
  #user: string | null = null;
  #known: ReadonlyMap<string, News> | null = null;
  readonly #news = new Map<string, UploadView>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (sentence: string) => void) {
    this.#say = say;
  }

  /** Looks at a user's uploads as they stand now. */
  observe(user: string | null, uploads: readonly UploadView[]): void {
    const known = this.#user === user ? this.#known : null;
    if (!known) this.#news.clear();
    else
      for (const upload of uploads)
        if (isNews(getNews(upload), known.get(upload.id))) this.#news.set(upload.id, upload);
    this.#user = user;
    this.#known = new Map(uploads.map((upload) => [upload.id, getNews(upload)]));
    if (this.#news.size > 0) this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    const said = strings().announce;
    const uploads = [...this.#news.values()];
    const [first] = uploads;
    const count = (news: News) => uploads.filter((upload) => getNews(upload) === news).length;
    const parts = NEWS.filter((news) => count(news) > 0).map((news) => said[news](count(news)));
    if (first) this.#say(uploads.length === 1 ? describeUpload(first) : formatList(parts));
    this.#news.clear();
    this.#timer = undefined;
  }
}

function getNews(upload: UploadView): News {
  if (upload.status === 'completed') return 'uploaded';
  if (upload.status === 'failed') return 'failed';
  return upload.status === 'waiting' && upload.closeForecast.kind === 'needs-action' ? 'waiting' : 'added';
}

/** Of what was there before only what became of it is news, not that it goes on. */
function isNews(now: News, before: News | undefined): boolean {
  return now !== before && (now !== 'added' || before === undefined);
}

import type { UploadView } from '../page/index.ts';
import { words } from './words/catalogue.ts';
import { state, title } from './words/say.ts';

/** What ends within this time is said in one sentence: ten thousand small files are not ten thousand announcements. */
const GATHER_MS = 1500;

/** Finds what is worth saying aloud: that an upload has arrived or failed since the list was first seen. */
export class Announcer {
  readonly #say: (sentence: string) => void;
  #user: string | null = null;
  #ended: ReadonlySet<string> | null = null;
  #news: UploadView[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (sentence: string) => void) {
    this.#say = say;
  }

  /** Looks at a user's uploads as they stand now. */
  look(user: string | null, uploads: readonly UploadView[]): void {
    const ended = uploads.filter(({ status }) => status === 'completed' || status === 'failed');
    const known = this.#user === user ? this.#ended : null;
    if (known) this.#news.push(...ended.filter(({ id }) => !known.has(id)));
    this.#user = user;
    this.#ended = new Set(ended.map(({ id }) => id));
    if (this.#news.length > 0) this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    const said = words().announce;
    const [first, ...others] = this.#news;
    const failed = this.#news.filter(({ status }) => status === 'failed').length;
    if (first && others.length === 0) this.#say(said.one(title(first), state(first)));
    else this.#say(said.many(this.#news.length - failed, failed));
    this.#news = [];
    this.#timer = undefined;
  }
}

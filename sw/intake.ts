import { isSendable, type Upload, WORKER_STATUSES } from '../src/shared/upload.ts';
import { Backlog } from './backlog.ts';
import { Lineup } from './lineup.ts';
import type { Link } from './link.ts';
import type { Job, Pipeline } from './pipeline.ts';
import { SESSION_BYTES } from './planner.ts';
import { isWork, openPipeline } from './queue.ts';
import type { Reporter } from './reporter.ts';
import type { World } from './world.ts';

/** Uploads taken up at once: enough to fill the pool while some wait for a first answer or a delay. */
const OPEN_AT_ONCE = 16;

/** The user's uploads as their records stand: read when somebody hints at a change, and taken up when there is room. */
export class Intake {
  readonly open = new Lineup();
  readonly #world: World;
  readonly #link: Link;
  readonly #reporter: Reporter;
  #toBegin = new Set<string>();
  readonly #backlog = new Backlog();
  readonly #hints = new Set<string>();
  #mustList = true;
  #userChanged = false;

  constructor(world: World, link: Link, reporter: Reporter) {
    this.#world = world;
    this.#link = link;
    this.#reporter = reporter;
  }

  /** True when somebody else, or nobody, is signed in now. */
  get userChanged(): boolean {
    return this.#userChanged;
  }

  /** Whether somebody hinted at a change that was not looked at yet. */
  get hasHints(): boolean {
    return this.#hints.size > 0 || this.#mustList;
  }

  get hasWork(): boolean {
    return this.#backlog.hasWork || this.open.all().some(({ upload }) => isWork(upload));
  }

  /** Whose session is wanted before anything else is sent. */
  begin(ids: readonly string[]): void {
    this.#toBegin = new Set(ids);
  }

  /** Any record may have changed. */
  lookAgain(): void {
    this.#mustList = true;
  }

  /** The record of this upload was changed. */
  hint(id: string): void {
    this.#hints.add(id);
  }

  /** The next request to make, of what is taken up. */
  nextJob(): { pipeline: Pipeline; job: Job } | null {
    return this.open.nextJob(this.#world.clock.ticks(), this.#link.order, this.#toBegin);
  }

  /** When the next upload can be taken up that is not ready yet, in ms since 1970; never when none becomes so by itself. */
  dueAt(): number {
    return this.#hasRoom ? this.#backlog.dueAt() : Number.POSITIVE_INFINITY;
  }

  /** Reads what was hinted at. */
  async takeHints(): Promise<void> {
    if (this.#mustList) await this.#list();
    for (const id of this.#hints) {
      this.#hints.delete(id);
      const upload = await this.#world.db.get(id);
      // Once another user is signed in nothing of this one is taken up again, least of all what was just dropped.
      if (upload?.ownerId === this.#link.token.userId && !this.#userChanged) this.#take(upload);
      else this.#forget(id);
    }
  }

  /** Takes up the first that something could be sent for now; false when there is none, or enough are open. */
  async openNext(): Promise<boolean> {
    return this.#hasRoom && this.#openFirst(false);
  }

  /** One small upload is always at hand, so that it can go ahead of giants. */
  async openSmall(): Promise<void> {
    if (!this.open.hasSmall) await this.#openFirst(true);
  }

  /** Takes up those whose session is wanted; what has one, or can have none now, is wanted no more. */
  async openToBegin(): Promise<void> {
    for (const id of this.#toBegin) {
      const pipeline = this.open.get(id);
      if (!pipeline && this.open.beginning >= OPEN_AT_ONCE) return;
      const upload = pipeline ? null : this.#backlog.takeUnbegun(id, this.#world.clock.now());
      if (upload) await this.#takeUp(upload, SESSION_BYTES);
      else if (!pipeline || pipeline.upload.session || pipeline.ending) this.#toBegin.delete(id);
    }
  }

  get #hasRoom(): boolean {
    return this.open.sending < OPEN_AT_ONCE;
  }

  async #list(): Promise<void> {
    this.#mustList = false;
    this.#userChanged = !(await this.#link.isStillOurs());
    const uploads = !this.#userChanged
      ? await this.#world.db.listByStatus(this.#link.token.userId, WORKER_STATUSES)
      : [];
    this.#backlog.clear();
    for (const upload of uploads) this.#take(upload);
    // What is open and none of these was changed, or is gone.
    const listed = new Set(uploads.map(({ id }) => id));
    for (const { upload } of this.open.all()) if (!listed.has(upload.id)) this.#hints.add(upload.id);
  }

  /** An upload's record as it stands now: into its pipeline where there is one, else into the backlog. */
  #take(upload: Upload): void {
    const pipeline = this.open.get(upload.id);
    if (!pipeline) {
      this.#backlog.put(upload, this.#world.clock.now());
      return;
    }
    if (isSendable(upload) && upload.generation === pipeline.upload.generation) pipeline.upload = upload;
    // What was booked with an answer may have brought the change to the pipeline already. Only a discard goes on.
    else if (upload.status !== 'cancelled' || pipeline.upload.status !== 'cancelled') pipeline.end({ kind: 'drop' });
  }

  #forget(id: string): void {
    this.#backlog.delete(id);
    this.open.get(id)?.end({ kind: 'drop' });
  }

  async #openFirst(onlySmall: boolean): Promise<boolean> {
    const upload = this.#backlog.take(this.#world.clock.now(), onlySmall);
    if (upload) await this.#takeUp(upload);
    return upload !== null;
  }

  async #takeUp(upload: Upload, firstBytes?: number): Promise<void> {
    const pipeline = await openPipeline(this.#world, this.#link, upload.id, firstBytes);
    if (!pipeline) return;
    this.open.put(pipeline);
    if (pipeline.upload.status !== upload.status) await this.#reporter.changed(upload.id);
  }
}

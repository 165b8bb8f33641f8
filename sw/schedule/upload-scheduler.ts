import { isSendable, type Upload, WORKER_STATUSES } from '../../src/shared/upload.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import type { Job, Pipeline } from '../send/pipeline.ts';
import { SESSION_CHUNK_BYTES } from '../send/planner.ts';
import type { Reporter } from '../send/reporter.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { Backlog } from './backlog.ts';
import { OpenPipelines } from './open-pipelines.ts';
import { isBackgroundWork, openPipeline } from './readiness.ts';

/** Uploads taken up at once: enough to fill the pool while some wait for a first answer or a delay. */
const MAX_OPEN = 16;

/** The user's uploads as their records stand: read when somebody hints at a change, and taken up when there is room. */
export class UploadScheduler {
  readonly pipelines = new OpenPipelines();
  readonly #deps: DriverDependencies;
  readonly #link: ServerConnection;
  readonly #reporter: Reporter;
  #sessionsToOpen = new Set<string>();
  readonly #backlog = new Backlog();
  readonly #hints = new Set<string>();
  #needsScan = true;
  #userChanged = false;

  constructor(world: DriverDependencies, link: ServerConnection, reporter: Reporter) {
    this.#deps = world;
    this.#link = link;
    this.#reporter = reporter;
  }

  /** True when somebody else, or nobody, is signed in now. */
  get userChanged(): boolean {
    return this.#userChanged;
  }

  /** Whether somebody hinted at a change that was not looked at yet. */
  get hasHints(): boolean {
    return this.#hints.size > 0 || this.#needsScan;
  }

  get hasBackgroundWork(): boolean {
    return this.#backlog.hasBackgroundWork || this.pipelines.all().some(({ upload }) => isBackgroundWork(upload));
  }

  /** Whose session is wanted before anything else is sent. */
  setSessionsToOpen(ids: readonly string[]): void {
    this.#sessionsToOpen = new Set(ids);
  }

  /** Any record may have changed. */
  rescan(): void {
    this.#needsScan = true;
  }

  /** The record of this upload was changed. */
  hint(id: string): void {
    this.#hints.add(id);
  }

  /** The next request to make, of what is taken up. */
  nextJob(): { pipeline: Pipeline; job: Job } | null {
    return this.pipelines.nextJob(this.#deps.clock.ticks(), this.#link.ordering, this.#sessionsToOpen);
  }

  /** When the next upload can be taken up that is not ready yet, in ms since 1970; never when none becomes so by itself. */
  nextDueAt(): number {
    return this.#hasRoom ? this.#backlog.nextDueAt() : Number.POSITIVE_INFINITY;
  }

  /** Reads what was hinted at. */
  async applyHints(): Promise<void> {
    if (this.#needsScan) await this.#scan();
    for (const id of this.#hints) {
      this.#hints.delete(id);
      const upload = await this.#deps.db.get(id);
      // Once another user is signed in nothing of this one is taken up again, least of all what was just dropped.
      if (upload?.ownerId === this.#link.credentials.userId && !this.#userChanged) this.#update(upload);
      else this.#drop(id);
    }
  }

  /** Takes up the first that something could be sent for now; false when there is none, or enough are open. */
  async openNext(): Promise<boolean> {
    return this.#hasRoom && this.#openFromBacklog(false);
  }

  /** One small upload is always at hand, so that it can go ahead of giants. */
  async openSmall(): Promise<void> {
    if (!this.pipelines.hasSmall) await this.#openFromBacklog(true);
  }

  /** Takes up those whose session is wanted; what has one, or can have none now, is wanted no more. */
  async openWithoutSession(): Promise<void> {
    for (const id of this.#sessionsToOpen) {
      const pipeline = this.pipelines.get(id);
      if (!pipeline && this.pipelines.withoutSessionCount >= MAX_OPEN) return;
      const upload = pipeline ? null : this.#backlog.takeWithoutSession(id, this.#deps.clock.now());
      if (upload) await this.#open(upload, SESSION_CHUNK_BYTES);
      else if (!pipeline || pipeline.upload.session || pipeline.outcome) this.#sessionsToOpen.delete(id);
    }
  }

  get #hasRoom(): boolean {
    return this.pipelines.sendingCount < MAX_OPEN;
  }

  async #scan(): Promise<void> {
    this.#needsScan = false;
    this.#userChanged = !(await this.#link.reloadUser());
    const uploads = !this.#userChanged
      ? await this.#deps.db.listByStatus(this.#link.credentials.userId, WORKER_STATUSES)
      : [];
    this.#backlog.clear();
    for (const upload of uploads) this.#update(upload);
    // What is open and none of these was changed, or is gone.
    const listed = new Set(uploads.map(({ id }) => id));
    for (const { upload } of this.pipelines.all()) if (!listed.has(upload.id)) this.#hints.add(upload.id);
  }

  /** An upload's record as it stands now: into its pipeline where there is one, else into the backlog. */
  #update(upload: Upload): void {
    const pipeline = this.pipelines.get(upload.id);
    if (!pipeline) {
      this.#backlog.put(upload, this.#deps.clock.now());
      return;
    }
    if (isSendable(upload) && upload.generation === pipeline.upload.generation) pipeline.upload = upload;
    // What was booked with an answer may have brought the change to the pipeline already. Only a discard goes on.
    else if (upload.status !== 'cancelled' || pipeline.upload.status !== 'cancelled') pipeline.stop({ kind: 'drop' });
  }

  #drop(id: string): void {
    this.#backlog.delete(id);
    this.pipelines.get(id)?.stop({ kind: 'drop' });
  }

  async #openFromBacklog(onlySmall: boolean): Promise<boolean> {
    const upload = this.#backlog.take(this.#deps.clock.now(), onlySmall);
    if (upload) await this.#open(upload);
    return upload !== null;
  }

  async #open(upload: Upload, firstBytes?: number): Promise<void> {
    const pipeline = await openPipeline(this.#deps, this.#link, upload.id, firstBytes);
    if (!pipeline) return;
    this.pipelines.add(pipeline);
    if (pipeline.upload.status !== upload.status) await this.#reporter.announceChange(upload.id);
  }
}

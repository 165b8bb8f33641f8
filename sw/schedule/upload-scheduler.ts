import { isSendable, type Upload, WORKER_STATUSES } from '../../src/shared/upload.ts';
import type { DriverDependencies } from '../ports/ports.ts';
import { isSmall, type Pipeline, type PipelineJob } from '../send/pipeline.ts';
import { SESSION_CHUNK_BYTES } from '../send/planner.ts';
import type { Reporter } from '../send/reporter.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import { Backlog } from './backlog.ts';
import { openPipeline } from './open-pipeline.ts';
import { OpenPipelines } from './open-pipelines.ts';
import { isBackgroundWork } from './readiness.ts';

/** Enough open pipelines to fill the pool while some wait for a first response or a delay. */
const MAX_OPEN = 16;
/** How long a chunk may take to end after a pause. */
const PAUSE_GRACE_MS = 2000;

/** Reads the user's uploads after each hint, and opens pipelines while there is room. */
export class UploadScheduler {
  readonly pipelines = new OpenPipelines();
  readonly #deps: DriverDependencies;
  readonly #server: ServerConnection;
  readonly #reporter: Reporter;
  #sessionsToOpen = new Set<string>();
  readonly #backlog = new Backlog();
  readonly #hints = new Set<string>();
  /** The records of the pipelines that another writer's change stopped; null for a removed one. */
  readonly #changedRecords = new Map<string, Upload | null>();
  #needsScan = true;
  #userChanged = false;

  constructor(deps: DriverDependencies, server: ServerConnection, reporter: Reporter) {
    this.#deps = deps;
    this.#server = server;
    this.#reporter = reporter;
  }

  /** Whether the user of this run has signed out or another user has signed in. */
  get userChanged(): boolean {
    return this.#userChanged;
  }

  /** Whether a record has to be read before the run may wait or end. */
  get hasHints(): boolean {
    return this.#hints.size > 0 || this.#needsScan;
  }

  /** Whether the driver will have something to do for an upload of the user. */
  get hasUploads(): boolean {
    return this.#backlog.size > 0 || this.pipelines.all().length > 0;
  }

  get hasBackgroundWork(): boolean {
    return this.#backlog.hasBackgroundWork || this.pipelines.all().some(({ upload }) => isBackgroundWork(upload));
  }

  /** Sends chunk 0 of these uploads before anything else; replaces the previous list. */
  setSessionsToOpen(ids: readonly string[]): void {
    this.#sessionsToOpen = new Set(ids);
  }

  /** Requests a scan: any record, or the signed-in user, may have changed. */
  rescan(): void {
    this.#needsScan = true;
  }

  /** Requests a read of one record that another writer changed. */
  hint(id: string): void {
    this.#hints.add(id);
  }

  /** Chooses the next request of the open pipelines. */
  nextJob(): PipelineJob | null {
    return this.pipelines.nextJob(this.#deps.clock.ticks(), this.#server.ordering, this.#sessionsToOpen);
  }

  /** When the next upload of the backlog is due, in ms since 1970; infinite if none can open. */
  nextDueAt(): number {
    return this.#hasRoom ? this.#backlog.nextDueAt() : Number.POSITIVE_INFINITY;
  }

  /** Reads the records that the hints named. */
  async applyHints(): Promise<void> {
    if (this.#needsScan) await this.#scan();
    for (const id of this.#hints) {
      this.#hints.delete(id);
      const upload = await this.#deps.db.get(id);
      // After a change of user, no upload of the previous user is opened again.
      if (upload?.ownerId === this.#server.credentials.userId && !this.#userChanged) this.#update(upload);
      else this.#drop(id);
    }
  }

  /** Opens the first upload of the backlog; false if none can be sent or enough are open. */
  async openNext(): Promise<boolean> {
    return this.#hasRoom && (await this.openFirst()) !== null;
  }

  /**
   * Opens the first upload of the backlog that can be sent, whatever number is open.
   *
   * @param accepts false skips an upload.
   */
  async openFirst(accepts?: (upload: Upload) => boolean): Promise<Upload | null> {
    const upload = this.#backlog.take(this.#deps.clock.now(), accepts);
    if (upload) await this.#open(upload);
    return upload;
  }

  /** Keeps one small upload open, so that it can go before giants. */
  async openSmall(): Promise<void> {
    if (!this.pipelines.hasSmall) await this.openFirst(isSmall);
  }

  /** Opens the uploads of `setSessionsToOpen`; removes those that have or cannot get a session. */
  async openWithoutSession(): Promise<void> {
    for (const id of this.#sessionsToOpen) {
      const pipeline = this.pipelines.get(id);
      if (!pipeline && this.pipelines.withoutSessionCount >= MAX_OPEN) return;
      const upload = pipeline ? null : this.#backlog.takeWithoutSession(id, this.#deps.clock.now());
      if (upload) await this.#open(upload, SESSION_CHUNK_BYTES);
      else if (!pipeline || pipeline.upload.session || pipeline.outcome) this.#sessionsToOpen.delete(id);
    }
  }

  /** Makes `close` read the record again, which the worker has changed. */
  onRecordWritten(id: string): void {
    this.#changedRecords.delete(id);
  }

  /**
   * Removes a pipeline without requests in flight, so that its upload can be opened again.
   *
   * @returns whether the tabs have to read the record; a page announces its own changes.
   */
  close(id: string): boolean {
    const record = this.#changedRecords.get(id);
    this.#changedRecords.delete(id);
    this.pipelines.remove(id);
    if (record === undefined) this.hint(id);
    if (record) this.#backlog.put(record, this.#deps.clock.now());
    return record === undefined;
  }

  get #hasRoom(): boolean {
    return this.pipelines.sendingCount < MAX_OPEN;
  }

  async #scan(): Promise<void> {
    this.#needsScan = false;
    this.#userChanged = !(await this.#server.reloadUser());
    const { userId } = this.#server.credentials;
    const uploads = this.#userChanged ? [] : await this.#deps.db.listByStatus(userId, WORKER_STATUSES);
    this.#backlog.clear();
    for (const upload of uploads) this.#update(upload);
    // An open upload that is not in the list was changed or removed.
    const listed = new Set(uploads.map(({ id }) => id));
    for (const { upload } of this.pipelines.all()) if (!listed.has(upload.id)) this.#hints.add(upload.id);
  }

  /** Puts the current record into the pipeline of the upload, or into the backlog. */
  #update(upload: Upload): void {
    const pipeline = this.pipelines.get(upload.id);
    if (!pipeline) {
      this.#backlog.put(upload, this.#deps.clock.now());
      return;
    }
    if (this.#changedRecords.has(upload.id)) this.#changedRecords.set(upload.id, upload);
    else if (isSendable(upload) && upload.generation === pipeline.upload.generation) pipeline.upload = upload;
    // A pipeline that aborts the session of a cancelled upload continues.
    else if (upload.status !== 'cancelled' || pipeline.upload.status !== 'cancelled') this.#stop(pipeline, upload);
  }

  #drop(id: string): void {
    this.#backlog.delete(id);
    const pipeline = this.pipelines.get(id);
    if (pipeline) this.#stop(pipeline, null);
  }

  #stop(pipeline: Pipeline, record: Upload | null): void {
    // With an outcome, the record is still to be written, and `close` has to announce it.
    if (!pipeline.outcome) this.#changedRecords.set(pipeline.upload.id, record);
    if (record?.status === 'paused') this.#stopSoon(pipeline);
    else pipeline.stop({ kind: 'drop' });
  }

  /** A pause lets a nearly finished chunk end, because all of it would be sent again. */
  #stopSoon(pipeline: Pipeline): void {
    const endsAt = this.#deps.clock.ticks() + PAUSE_GRACE_MS;
    const { ratePerRequest } = this.#server.meter;
    pipeline.stopBy(endsAt, ({ job, startedAt }) => {
      const expectedMs = ratePerRequest === null ? Number.POSITIVE_INFINITY : (job.sizeBytes / ratePerRequest) * 1000;
      return startedAt + expectedMs <= endsAt;
    });
  }

  async #open(upload: Upload, firstBytes?: number): Promise<void> {
    const pipeline = await openPipeline(this.#deps, this.#server, upload.id, firstBytes);
    if (!pipeline) return;
    this.pipelines.add(pipeline);
    if (pipeline.upload.status !== upload.status) await this.#reporter.announceChange(upload.id);
  }
}

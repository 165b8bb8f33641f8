import { hasFileList } from '../../src/shared/http/file-list.ts';
import { estimateRequestBytes } from '../../src/shared/http/requests.ts';
import type { Upload } from '../../src/shared/upload.ts';
import type { Clock } from '../ports/clock.ts';
import { isSmall, type Pipeline, type PipelineJob } from '../send/pipeline.ts';
import { chooseBundleBytes, choosePlan } from '../send/planner.ts';
import type { ServerConnection } from '../server/server-connection.ts';
import type { UploadScheduler } from './upload-scheduler.ts';

/** Most uploads of one request: after a lost response each of them is queried. */
const MAX_UPLOADS = 50;
/** Largest list of the uploads of a bundle. */
const MAX_LIST_BYTES = 1024 * 1024;

/** The jobs that share a request, as far as they are known. */
class Bundle {
  readonly jobs: PipelineJob[] = [];
  #bytesLeft: number;
  #listBytesLeft = MAX_LIST_BYTES;

  constructor(maxBytes: number) {
    this.#bytesLeft = maxBytes;
  }

  get isFull(): boolean {
    return this.jobs.length >= MAX_UPLOADS;
  }

  hasRoomFor(upload: Upload): boolean {
    return !this.isFull && upload.sizeBytes <= this.#bytesLeft && estimateListBytes(upload) <= this.#listBytesLeft;
  }

  add(job: PipelineJob): void {
    const { upload } = job.pipeline;
    this.jobs.push(job);
    this.#bytesLeft -= upload.sizeBytes;
    this.#listBytesLeft -= estimateListBytes(upload);
  }
}

/**
 * Lets small uploads share a request, where the server supports it: alone, each would wait for a
 * response of its own, with few connections to wait in.
 */
export class Bundles {
  readonly #clock: Clock;
  readonly #server: ServerConnection;
  readonly #scheduler: UploadScheduler;

  constructor(clock: Clock, server: ServerConnection, scheduler: UploadScheduler) {
    this.#clock = clock;
    this.#server = server;
    this.#scheduler = scheduler;
  }

  /** Finds the jobs that share the request of a job, itself included. */
  async gather(first: PipelineJob): Promise<readonly PipelineJob[]> {
    const { capabilities, planLimits, meter } = this.#server;
    if (!capabilities.bundles || !canShare(first)) return [first];
    const bundle = new Bundle(chooseBundleBytes(planLimits, meter.currentRate !== null));
    bundle.add(first);
    this.#addOpen(bundle);
    await this.#addFromBacklog(bundle);
    if (bundle.jobs.length === 1) return bundle.jobs;
    return bundle.jobs.map(({ pipeline, job }) => ({ pipeline, job: { ...job, isBundled: true } }));
  }

  #addOpen(bundle: Bundle): void {
    const pipelines = this.#scheduler.pipelines.all().sort((a, b) => a.upload.rank - b.upload.rank);
    for (const pipeline of pipelines) {
      if (bundle.jobs.some((job) => job.pipeline === pipeline)) continue;
      if (bundle.hasRoomFor(pipeline.upload)) this.#add(bundle, pipeline);
    }
  }

  async #addFromBacklog(bundle: Bundle): Promise<void> {
    const { planLimits } = this.#server;
    const accepts = (upload: Upload) => {
      if (!bundle.hasRoomFor(upload) || !isBundleable(upload)) return false;
      return (upload.plan ?? choosePlan(upload, planLimits)).way === 'direct';
    };
    while (!bundle.isFull) {
      const upload = await this.#scheduler.openFirst(accepts);
      if (!upload) return;
      const pipeline = this.#scheduler.pipelines.get(upload.id);
      if (pipeline) this.#add(bundle, pipeline);
    }
  }

  #add(bundle: Bundle, pipeline: Pipeline): void {
    if (!isBundleable(pipeline.upload)) return;
    const job = pipeline.nextJob(this.#clock.ticks(), this.#server.ordering);
    if (job && canShare({ pipeline, job })) bundle.add({ pipeline, job });
  }
}

function canShare({ pipeline, job }: PipelineJob): boolean {
  return job.kind === 'send' && pipeline.isDirect && !pipeline.sendsAlone && isBundleable(pipeline.upload);
}

function isBundleable(upload: Upload): boolean {
  const isComplete = upload.stagedBytes === upload.sizeBytes;
  return isSmall(upload) && !hasFileList(upload) && isComplete && upload.status !== 'cancelled';
}

/** Without its file, a request is larger than an entry of the list. */
function estimateListBytes(upload: Upload): number {
  return estimateRequestBytes(upload) - upload.sizeBytes;
}

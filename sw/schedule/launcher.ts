import type { Upload } from '../../src/shared/upload.ts';
import type { Clock } from '../ports/clock.ts';
import type { Flight, FlightResult, RequestInFlight } from '../send/jobs.ts';
import type { Pipeline, PipelineJob } from '../send/pipeline.ts';
import type { Reporter } from '../send/reporter.ts';
import type { Sender } from '../send/sender.ts';
import type { Pool } from './pool.ts';
import { isNews, mayHaveWritten } from './record-changes.ts';
import type { UploadScheduler } from './upload-scheduler.ts';
import type { WakeSignal } from './wake-signal.ts';

interface LauncherDependencies {
  readonly clock: Clock;
  readonly sender: Sender;
  readonly pool: Pool;
  readonly reporter: Reporter;
  readonly scheduler: UploadScheduler;
  readonly wakeSignal: WakeSignal;
}

interface PipelineFlight {
  readonly pipeline: Pipeline;
  readonly flight: Flight;
  /** The record when the request started. */
  readonly upload: Upload;
}

/** Starts the requests of a run, and passes on how they end. */
export class Launcher {
  readonly #deps: LauncherDependencies;

  constructor(deps: LauncherDependencies) {
    this.#deps = deps;
  }

  /** Makes one request of these jobs. Does not wait for it. */
  launch(jobs: readonly PipelineJob[]): void {
    const { clock, pool, reporter, wakeSignal } = this.#deps;
    const [startedAt, controller] = [clock.ticks(), new AbortController()];
    const flights = jobs.map(({ pipeline, job }) => {
      return { pipeline, upload: pipeline.upload, flight: { job, startedAt, controller } };
    });
    for (const { pipeline, flight } of flights) {
      pipeline.addFlight(flight);
      reporter.onStart(flight);
    }
    const request = { sizeBytes: countBytes(jobs), startedAt, controller };
    // A rejection means that the database was closed: the next read fails too, and ends the run.
    pool.add(request, () => this.#run(jobs, flights, request).catch(() => wakeSignal.notify()));
  }

  async #run(jobs: readonly PipelineJob[], flights: readonly PipelineFlight[], request: RequestInFlight) {
    const { sender, pool, reporter, wakeSignal } = this.#deps;
    let result: FlightResult = 'over';
    const land = (how: FlightResult, receivedMs?: number) => {
      pool.remove(request, how, receivedMs);
      for (const { flight } of flights) reporter.onEnd(flight, how);
      wakeSignal.notify();
    };
    try {
      result = await sender.send(jobs, request.controller.signal, (receivedMs) => land('acknowledged', receivedMs));
    } finally {
      for (const { pipeline, flight } of flights) pipeline.flights.delete(flight.job.index);
      land(result);
    }
    for (const { pipeline, upload, flight } of flights) {
      if (mayHaveWritten(flight, result)) this.#deps.scheduler.onRecordWritten(upload.id);
      if (isNews(upload, pipeline.upload)) await reporter.announceChange(upload.id);
    }
  }
}

/** The size of the request of these jobs. */
export function countBytes(jobs: readonly PipelineJob[]): number {
  return jobs.reduce((sum, { job }) => sum + job.sizeBytes, 0);
}

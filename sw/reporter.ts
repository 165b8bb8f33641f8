import type { Progress } from '../src/shared/messages.ts';
import type { Clock } from './clock.ts';
import type { Meter } from './meter.ts';
import type { Pipeline } from './pipeline.ts';
import type { Tabs } from './world.ts';

/** Ten notices a second for each upload are all that a person can see. */
const EVERY_MS = 100;
/** What a direct request has sent is a guess: it never looks finished before the answer. */
const GUESS_LIMIT = 0.95;

/** Tells every tab how far each upload is. */
export class Reporter {
  readonly #tabs: Tabs;
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #said = new Map<string, { at: number; bytes: number }>();

  constructor(tabs: Tabs, clock: Clock, meter: Meter) {
    this.#tabs = tabs;
    this.#clock = clock;
    this.#meter = meter;
  }

  /** Says how far an upload is where that is news; ms until it may be said again, null when there is nothing to add. */
  async report(pipeline: Pipeline): Promise<number | null> {
    const { id } = pipeline.upload;
    const now = this.#clock.ticks();
    const said = this.#said.get(id);
    const progress = this.#progress(pipeline, now);
    if (said?.bytes === progress.bytesUploaded) return null;
    if (said && now - said.at < EVERY_MS) return EVERY_MS - (now - said.at);
    this.#said.set(id, { at: now, bytes: progress.bytesUploaded });
    await this.#tabs.post({ type: 'progress', progress });
    return null;
  }

  /** Tells every tab to read a record again. */
  async changed(id: string): Promise<void> {
    this.#said.delete(id);
    await this.#tabs.post({ type: 'changed', id });
  }

  #progress(pipeline: Pipeline, now: number): Progress {
    const { upload, chunks, doneBytes, doneCount } = pipeline;
    const rate = this.#meter.rate;
    const guessed = this.#guess(pipeline, now);
    const bytesUploaded = guessed ?? doneBytes;
    return {
      id: upload.id,
      chunksTotal: chunks.length,
      chunksUploaded: doneCount,
      bytesUploaded,
      bytesTotal: upload.sizeBytes,
      currentChunk: doneCount,
      rateBytesPerSecond: rate,
      secondsLeft: rate ? (upload.sizeBytes - bytesUploaded) / rate : null,
      estimated: guessed !== null,
      inFlight: pipeline.inFlight,
      retrying: pipeline.retrying,
    };
  }

  /** Fetch tells nothing of a body on its way: the rate says how much has probably left. */
  #guess(pipeline: Pipeline, now: number): number | null {
    const flight = pipeline.isDirect ? pipeline.flights.get(0) : undefined;
    const rate = this.#meter.rate;
    if (!flight || !rate || pipeline.allDone) return null;
    const sent = (rate * (now - flight.startedAt)) / 1000;
    return Math.floor(Math.min(sent, GUESS_LIMIT * flight.job.sizeBytes));
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { isFinished, type Upload } from '../../../src/shared/upload.ts';
import type { Come, OnTheWire, Stage } from './fault.ts';
import { nameIn } from './hands.ts';
import type { Passage } from './passage.ts';
import { bytesOf, type Planned } from './planned.ts';
import type { Step } from './script.ts';
import { letThrough, type Meets } from './wire.ts';

/** The user has about so many uploads under way at once, and queues more when there are fewer. */
const UNDER_WAY = 14;
/** A fault that found nothing to hit is tried again so often. */
const TRIES = 4;
/** Nothing finished for so long: what is left counts as lost. Longer than any delay the product gives itself. */
const PATIENCE_MS = 8 * 60_000;
const TELL_EVERY_MS = 15_000;

/** Plays the script of a soak, and the user, until every upload has arrived or no more can be hoped for. */
export class Director {
  readonly #stage: Stage;
  readonly #planned: readonly Planned[];
  readonly #steps: { readonly step: Step; tries: number }[];
  readonly #armed: { readonly name: string; readonly happening: OnTheWire; tries: number }[] = [];
  readonly #tell: (line: string) => void;
  #toldAt = Date.now();
  #movedAt = Date.now();
  #finished = 0;

  constructor(
    parts: Omit<Stage, 'arm' | 'spare' | 'gates'>,
    planned: readonly Planned[],
    steps: readonly Step[],
    tell: (line: string) => void = () => undefined,
  ) {
    this.#tell = tell;
    this.#planned = planned;
    this.#steps = steps.map((step) => ({ step, tries: 0 }));
    this.#stage = {
      ...parts,
      gates: new Map(),
      arm: (name, happening) => void this.#armed.push({ name, happening, tries: 0 }),
      spare: (count) => this.#spare(count),
    };
    parts.wire.choose = (passage) => this.#choose(passage);
  }

  /** Names of the faults that were to come and found nothing to hit. */
  get missed(): string[] {
    return [...this.#steps.map(({ step }) => step.fault.name), ...this.#armed.map(({ name }) => name)];
  }

  async run(): Promise<void> {
    for (;;) {
      const records = await this.#stage.browser.records();
      this.#watch(records);
      if (this.#isOver(records) || Date.now() - this.#movedAt > PATIENCE_MS) return;
      if (await this.#playNext()) continue;
      await this.#beTheUser(records);
      await sleep(200);
    }
  }

  #watch(records: readonly Upload[]): void {
    const finished = records.filter(isFinished).length;
    if (finished !== this.#finished) this.#movedAt = Date.now();
    this.#finished = finished;
    if (Date.now() - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = Date.now();
    const { exchanges, injected } = this.#stage.ledger;
    const left = records
      .filter((upload) => !isFinished(upload))
      .map((upload) => `${nameIn(upload)}: ${wordsOf(upload)}`);
    const most = left.length > 4 ? [...left.slice(0, 4), '...'] : left;
    this.#tell(`${finished} finished, ${exchanges.length} requests, ${injected.length} faults. ${most.join(', ')}`);
  }

  /** Over when nothing more will happen by itself; what is left of the script had its chance. */
  #isOver(records: readonly Upload[]): boolean {
    return records.length === this.#planned.length && records.every((upload) => isEnd(upload, this.#stage));
  }

  /** Performs the next step that is due; false when none is. */
  async #playNext(): Promise<boolean> {
    const next = this.#steps[0];
    if (!next || next.step.at > this.#stage.ledger.exchanges.length) return false;
    this.#steps.shift();
    const { fault, happening } = next.step;
    if (happening.where === 'wire') {
      this.#stage.arm(fault.name, happening);
      return true;
    }
    const come = await happening.act(this.#stage);
    if (come === 'hit') this.#stage.ledger.inject(fault.name, null, Date.now());
    // Tried again a little later, when there may be more to hit.
    if (come === 'missed' && ++next.tries < TRIES) {
      this.#steps.splice(3, 0, next);
      return false;
    }
    return true;
  }

  async #beTheUser(records: readonly Upload[]): Promise<void> {
    const { browser, hands } = this.#stage;
    await hands.help(records);
    const own = records.filter(({ ownerId }) => ownerId === browser.user);
    const open = own.filter((upload) => !isEnd(upload, this.#stage)).length;
    const waiting = await hands.toQueue();
    if (open === 0 && waiting.length === 0) return this.#nextUser(records);
    // Some are kept for the faults that need one to queue, unless nothing would go on without them.
    const most = open === 0 ? 2 : Math.max(0, waiting.length - this.#sparesNeeded());
    await hands.queue(waiting.slice(0, Math.min(most, Math.max(0, UNDER_WAY - open))));
  }

  async #nextUser(records: readonly Upload[]): Promise<void> {
    const known = new Map(records.map((upload) => [nameIn(upload), upload]));
    const left = this.#planned.find(({ name }) => {
      const upload = known.get(name);
      return !upload || !isEnd(upload, this.#stage);
    });
    if (left) await this.#stage.browser.signIn(left.owner);
  }

  #sparesNeeded(): number {
    return this.#steps.reduce((sum, { step }) => sum + (step.fault.spares ?? 0), 0);
  }

  async #spare(count: number): Promise<Planned[]> {
    const waiting = await this.#stage.hands.toQueue();
    return waiting.sort((a, b) => bytesOf(b) - bytesOf(a)).slice(0, count);
  }

  /** The first armed fault that fits a request comes to it. */
  #choose(passage: Passage): Meets {
    const { exchange } = passage;
    const gate = this.#stage.gates.get(exchange.sessionId ?? '');
    if (gate) return () => gate.then(() => letThrough(passage));
    const at = this.#armed.findIndex(({ happening }) => happening.fits(exchange));
    const [armed] = at < 0 ? [] : this.#armed.splice(at, 1);
    if (!armed) return letThrough;
    return async () => {
      const startedAt = Date.now();
      let come: Come = 'missed';
      try {
        come = await armed.happening.meets(passage, this.#stage);
      } finally {
        // Also when another fault took the server away: the wire then answers in its place, and this one meets another request.
        if (come === 'hit') this.#stage.ledger.inject(armed.name, exchange.file, startedAt);
        else if (++armed.tries < TRIES) this.#armed.push(armed);
      }
    };
  }
}

function isEnd(upload: Upload, { level }: Stage): boolean {
  if (upload.status === 'completed') return true;
  return level === 'original' && upload.status === 'waiting' && upload.wait.reason === 'unconfirmed';
}

function wordsOf(upload: Upload): string {
  return upload.status === 'waiting' ? `waiting: ${upload.wait.reason}` : upload.status;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { isFinished, type Upload } from '../../../src/shared/upload.ts';
import type { Env, Outcome, RequestFault } from './fault.ts';
import type { PlannedFault } from './fault-plan.ts';
import { forwardUnchanged, type RequestHandler } from './fault-proxy.ts';
import type { ProxyExchange } from './proxy-exchange.ts';
import { type PlannedUpload, sumFileSizes } from './upload-plan.ts';
import { getFirstFileName } from './user-actions.ts';

/** The user queues more files when fewer uploads are active. */
const ACTIVE_UPLOADS = 14;
/** How often a fault without a target is tried. */
const TRIES = 4;
/**
 * Uploads count as lost after this time without a finished one. Longer than any delay of the
 * product.
 */
const STALL_TIMEOUT_MS = 8 * 60_000;
const LOG_INTERVAL_MS = 15_000;

/**
 * Runs the planned faults and acts as the user until every upload is done or none finishes any
 * more.
 */
export class Runner {
  readonly #env: Env;
  readonly #planned: readonly PlannedUpload[];
  readonly #steps: { readonly step: PlannedFault; tries: number }[];
  readonly #armed: { readonly name: string; readonly occurrence: RequestFault; tries: number }[] = [];
  readonly #log: (line: string) => void;
  #loggedAt = Date.now();
  #progressAt = Date.now();
  #finished = 0;

  constructor(
    parts: Omit<Env, 'arm' | 'takeUnqueued' | 'gates'>,
    planned: readonly PlannedUpload[],
    steps: readonly PlannedFault[],
    tell: (line: string) => void = () => undefined,
  ) {
    this.#log = tell;
    this.#planned = planned;
    this.#steps = steps.map((step) => ({ step, tries: 0 }));
    this.#env = {
      ...parts,
      gates: new Map(),
      arm: (name, occurrence) => void this.#armed.push({ name, occurrence, tries: 0 }),
      takeUnqueued: (count) => this.#takeUnqueued(count),
    };
    parts.proxy.chooseHandler = (proxied) => this.#choose(proxied);
  }

  /** Names of the faults that found no target. */
  get missed(): string[] {
    return [...this.#steps.map(({ step }) => step.fault.name), ...this.#armed.map(({ name }) => name)];
  }

  async run(): Promise<void> {
    for (;;) {
      const records = await this.#env.browser.readRecords();
      this.#watch(records);
      if (this.#isOver(records) || Date.now() - this.#progressAt > STALL_TIMEOUT_MS) return;
      if (await this.#runNextFault()) continue;
      await this.#actAsUser(records);
      await sleep(200);
    }
  }

  #watch(records: readonly Upload[]): void {
    const finished = records.filter(isFinished).length;
    if (finished !== this.#finished) this.#progressAt = Date.now();
    this.#finished = finished;
    if (Date.now() - this.#loggedAt < LOG_INTERVAL_MS) return;
    this.#loggedAt = Date.now();
    const { exchanges, faults: injected } = this.#env.log;
    const left = records
      .filter((upload) => !isSettled(upload, this.#env))
      .map((upload) => `${getFirstFileName(upload)}: ${describeStatus(upload)}`);
    const most = left.length > 4 ? [...left.slice(0, 4), '...'] : left;
    this.#log(`${finished} finished, ${exchanges.length} requests, ${injected.length} faults. ${most.join(', ')}`);
  }

  /** Whether nothing more will happen. Remaining faults are dropped. */
  #isOver(records: readonly Upload[]): boolean {
    return records.length === this.#planned.length && records.every((upload) => isSettled(upload, this.#env));
  }

  /** Runs the next fault that is due. Returns false when there is none. */
  async #runNextFault(): Promise<boolean> {
    const next = this.#steps[0];
    if (!next || next.step.at > this.#env.log.exchanges.length) return false;
    this.#steps.shift();
    const { fault, occurrence } = next.step;
    if (occurrence.where === 'request') {
      this.#env.arm(fault.name, occurrence);
      return true;
    }
    const outcome = await occurrence.run(this.#env);
    if (outcome === 'hit') this.#env.log.recordFault(fault.name, null, Date.now());
    // Tried again a little later, when there may be a target.
    if (outcome === 'missed' && ++next.tries < TRIES) {
      this.#steps.splice(3, 0, next);
      return false;
    }
    return true;
  }

  async #actAsUser(records: readonly Upload[]): Promise<void> {
    const { browser, userActions } = this.#env;
    await userActions.resolveWaits(records);
    const own = records.filter(({ ownerId }) => ownerId === browser.user);
    const open = own.filter((upload) => !isSettled(upload, this.#env)).length;
    const waiting = await userActions.readUnqueued();
    if (open === 0 && waiting.length === 0) return this.#switchUser(records);
    // Some uploads stay reserved for faults that need them, unless nothing else is left to do.
    const most = open === 0 ? 2 : Math.max(0, waiting.length - this.#countReserved());
    await userActions.queue(waiting.slice(0, Math.min(most, Math.max(0, ACTIVE_UPLOADS - open))));
  }

  async #switchUser(records: readonly Upload[]): Promise<void> {
    const known = new Map(records.map((upload) => [getFirstFileName(upload), upload]));
    const left = this.#planned.find(({ name }) => {
      const upload = known.get(name);
      return !upload || !isSettled(upload, this.#env);
    });
    if (left) await this.#env.browser.signIn(left.owner);
  }

  #countReserved(): number {
    return this.#steps.reduce((sum, { step }) => sum + (step.fault.reserved ?? 0), 0);
  }

  async #takeUnqueued(count: number): Promise<PlannedUpload[]> {
    const waiting = await this.#env.userActions.readUnqueued();
    return waiting.sort((a, b) => sumFileSizes(b) - sumFileSizes(a)).slice(0, count);
  }

  /** Applies the first armed fault that matches a request. */
  #choose(proxied: ProxyExchange): RequestHandler {
    const { exchange } = proxied;
    const gate = this.#env.gates.get(exchange.sessionId ?? '');
    if (gate) return () => gate.then(() => forwardUnchanged(proxied));
    const at = this.#armed.findIndex(({ occurrence }) => occurrence.matches(exchange));
    const [armed] = at < 0 ? [] : this.#armed.splice(at, 1);
    if (!armed) return forwardUnchanged;
    return async () => {
      const startedAt = Date.now();
      let outcome: Outcome = 'missed';
      try {
        outcome = await armed.occurrence.apply(proxied, this.#env);
      } finally {
        // Also when another fault killed the server: the proxy then answers, and this fault hits
        // another request.
        if (outcome === 'hit') this.#env.log.recordFault(armed.name, exchange.file, startedAt);
        else if (++armed.tries < TRIES) this.#armed.push(armed);
      }
    };
  }
}

function isSettled(upload: Upload, { level }: Env): boolean {
  if (upload.status === 'completed') return true;
  return level === 'basic' && upload.status === 'waiting' && upload.wait.reason === 'unconfirmed';
}

function describeStatus(upload: Upload): string {
  if (upload.status === 'failed') return `failed: ${upload.code}`;
  return upload.status === 'waiting' ? `waiting: ${upload.wait.reason}` : upload.status;
}

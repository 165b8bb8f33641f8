import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueCloseForecast } from '../../src/shared/close-forecast.ts';
import { Env } from './env.ts';
import { type Flow, measureFlow } from './flow.ts';

/** How one scenario went. */
export interface Report {
  readonly scenario: string;
  readonly what: string;
  /** What the app said just before. */
  readonly forecast: QueueCloseForecast | null;
  /** From the closing on, where there was one; otherwise from the browser's next start. */
  readonly flow: Flow;
  /** What came of the file, compared by SHA-256; null while there is no batch. */
  readonly arrival: 'intact' | 'damaged' | null;
  /** From the browser's next start, without the app, to the first byte; null where there was none. */
  readonly resumedAfterMs: number | null;
  /** How long the browser lived after its last window was closed; null where that was not tried, or it did not end. */
  readonly livedMs: number | null;
}

type Facts = Pick<Report, 'forecast' | 'flow'> & Partial<Pick<Report, 'resumedAfterMs' | 'livedMs'>>;

interface Scenario {
  readonly what: string;
  run(stage: Env, minutes: number): Promise<Facts>;
}

/** How long a file takes where only the interruption is of interest. */
const SHORT_MINUTES = 5;
/** No event of a worker is held for longer. */
const LONGEST_EVENT_MS = 5 * 60_000;

const scenarios: Readonly<Record<string, Scenario>> = {
  hidden: {
    what: 'tab hidden',
    async run(stage, minutes) {
      await stage.queue(minutes);
      const said = await readForecast(stage);
      const from = Date.now();
      await stage.browser.open('about:blank');
      await stage.until(async () => (await stage.readPage()).visibility === 'hidden', 'the tab to be hidden', 10_000);
      return { forecast: said, flow: await stage.measureFlow(minutes * 1.5, from) };
    },
  },

  closed: {
    what: 'all tabs closed',
    async run(stage, minutes) {
      await stage.queue(minutes * 1.5);
      const said = await readForecast(stage);
      const from = Date.now();
      await stage.closeApp();
      // Past the end of what was promised: what comes then was forecast wrong too.
      const promised = said?.forecast.kind === 'continues' ? said.forecast.withinMs / 60_000 + 1 : 0;
      return { forecast: said, flow: await stage.measureFlow(Math.max(minutes * 1.5, promised), from) };
    },
  },

  'background-fetch': {
    what: 'all tabs closed, Background Fetch',
    async run(stage, minutes) {
      await stage.queue(minutes, '&hand-over');
      await stage.until(
        async () => (await stage.readPage()).status === 'waiting: background-fetch',
        'the hand-over',
        60_000,
      );
      const said = await readForecast(stage);
      const from = Date.now();
      await stage.closeApp();
      return { forecast: said, flow: await stage.measureFlow(minutes * 1.5, from) };
    },
  },

  killed: {
    what: 'browser killed, started without the app',
    async run(stage) {
      await stage.queue(SHORT_MINUTES);
      const said = await readForecast(stage);
      await stage.browser.kill();
      const flow = await stage.measureFlow(2 * SHORT_MINUTES, stage.restart());
      return { forecast: said, flow, resumedAfterMs: flow.firstAfterMs };
    },
  },

  'last-window': {
    what: 'last window closed, started without the app',
    async run(stage) {
      await stage.queue(2 * SHORT_MINUTES);
      const said = await readForecast(stage);
      const from = Date.now();
      await stage.closeAll();
      while (!stage.browser.isOver && Date.now() < from + LONGEST_EVENT_MS) await sleep(100);
      const livedMs = stage.browser.isOver ? Date.now() - from : null;
      const flow = measureFlow(stage.site.arrivals, from, Date.now());
      await stage.browser.kill();
      const { firstAfterMs } = await stage.measureFlow(2 * SHORT_MINUTES, stage.restart());
      return { forecast: said, flow, resumedAfterMs: firstAfterMs, livedMs };
    },
  },
};

/** The names of all scenarios. */
export const SCENARIOS = Object.keys(scenarios);

/** Plays one scenario, with as long a file as takes these minutes where its length matters. */
export async function runScenario(name: string, minutes: number): Promise<Report> {
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`No such scenario: ${name}. There are ${SCENARIOS.join(', ')}.`);
  return Env.use(async (stage) => {
    const facts = await scenario.run(stage, minutes);
    const { what } = scenario;
    return { scenario: name, what, resumedAfterMs: null, livedMs: null, ...facts, arrival: await stage.checkArrival() };
  });
}

async function readForecast(stage: Env): Promise<QueueCloseForecast | null> {
  return (await stage.readPage()).closing ?? null;
}

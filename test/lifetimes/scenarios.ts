import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueCloseForecast } from '../../src/page/close-forecast.ts';
import { Env } from './env.ts';
import { type Flow, measureFlow } from './flow.ts';

/** The result of a scenario. */
export interface Report {
  readonly scenario: string;
  readonly what: string;
  /** The forecast of the app just before. */
  readonly forecast: QueueCloseForecast | null;
  /** From the closing on, if there was one, otherwise from the next start of the browser. */
  readonly flow: Flow;
  /** Whether the file arrived intact, by SHA-256. Null without a batch. */
  readonly arrival: 'intact' | 'damaged' | null;
  /** From the next start of the browser, without the app, to the first byte. Null without bytes. */
  readonly resumedAfterMs: number | null;
  /**
   * How long the browser lived after its last window closed. Null if not measured, or if it did not
   * end.
   */
  readonly livedMs: number | null;
}

type Facts = Pick<Report, 'forecast' | 'flow'> & Partial<Pick<Report, 'resumedAfterMs' | 'livedMs'>>;

interface Scenario {
  readonly what: string;
  run(env: Env, minutes: number): Promise<Facts>;
}

/** Duration of an upload where only the interruption matters. */
const SHORT_MINUTES = 5;
/** The longest event of a worker. */
const LONGEST_EVENT_MS = 5 * 60_000;

const scenarios: Readonly<Record<string, Scenario>> = {
  hidden: {
    what: 'tab hidden',
    async run(env, minutes) {
      await env.queue(minutes);
      const said = await readForecast(env);
      const from = Date.now();
      await env.browser.open('about:blank');
      await env.until(async () => (await env.readPage()).visibility === 'hidden', 'the tab to be hidden', 10_000);
      return { forecast: said, flow: await env.measureFlow(minutes * 1.5, from) };
    },
  },

  closed: {
    what: 'all tabs closed',
    async run(env, minutes) {
      await env.queue(minutes * 1.5);
      const said = await readForecast(env);
      const from = Date.now();
      await env.closeApp();
      // Past the end of the forecast: bytes that flow then were not forecast.
      const promised = said?.forecast.kind === 'continues' ? said.forecast.withinMs / 60_000 + 1 : 0;
      return { forecast: said, flow: await env.measureFlow(Math.max(minutes * 1.5, promised), from) };
    },
  },

  'background-fetch': {
    what: 'all tabs closed, Background Fetch',
    async run(env, minutes) {
      await env.queue(minutes, '&background-fetch');
      await env.until(
        async () => (await env.readPage()).status === 'waiting: background-fetch',
        'the Background Fetch',
        60_000,
      );
      const said = await readForecast(env);
      const from = Date.now();
      await env.closeApp();
      return { forecast: said, flow: await env.measureFlow(minutes * 1.5, from) };
    },
  },

  killed: {
    what: 'browser killed, started without the app',
    async run(env) {
      await env.queue(SHORT_MINUTES);
      const said = await readForecast(env);
      await env.browser.kill();
      const flow = await env.measureFlow(2 * SHORT_MINUTES, env.restart());
      return { forecast: said, flow, resumedAfterMs: flow.firstAfterMs };
    },
  },

  'last-window': {
    what: 'last window closed, started without the app',
    async run(env) {
      await env.queue(2 * SHORT_MINUTES);
      const said = await readForecast(env);
      const from = Date.now();
      await env.closeAll();
      while (!env.browser.isOver && Date.now() < from + LONGEST_EVENT_MS) await sleep(100);
      const livedMs = env.browser.isOver ? Date.now() - from : null;
      const flow = measureFlow(env.site.arrivals, from, Date.now());
      await env.browser.kill();
      const { firstAfterMs } = await env.measureFlow(2 * SHORT_MINUTES, env.restart());
      return { forecast: said, flow, resumedAfterMs: firstAfterMs, livedMs };
    },
  },
};

/** The names of all scenarios. */
export const SCENARIOS = Object.keys(scenarios);

/** Runs a scenario with a file that takes these minutes, where its length matters. */
export async function runScenario(name: string, minutes: number): Promise<Report> {
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`No such scenario: ${name}. There are ${SCENARIOS.join(', ')}.`);
  return Env.use(async (env) => {
    const facts = await scenario.run(env, minutes);
    const { what } = scenario;
    return { scenario: name, what, resumedAfterMs: null, livedMs: null, ...facts, arrival: await env.checkArrival() };
  });
}

async function readForecast(env: Env): Promise<QueueCloseForecast | null> {
  return (await env.readPage()).closing ?? null;
}

import type { CloseForecast } from '../../src/page/close-forecast.ts';
import type { Report } from './scenarios.ts';

/** Tolerance of a forecast, as a share of the measured time. */
const MARGIN = 0.2;

/** Formats the report of one scenario. */
export function formatReport(report: Report): string {
  const { what, flow, arrival: arrived, resumedAfterMs, livedMs, forecast: said } = report;
  const parts = [
    `flowed ${minutes(flow.flowedMs)} min, longest gap ${seconds(flow.longestGapMs)} s`,
    `${megabytes(flow.bytes)} MB, ${flow.cut} chunks cut (${megabytes(flow.lostBytes)} MB lost)`,
    arrived === null ? 'not arrived' : `arrived ${arrived}`,
    ...(livedMs === null ? [] : [`browser ended after ${seconds(livedMs)} s`]),
    ...(resumedAfterMs === null ? [] : [`resumed ${seconds(resumedAfterMs)} s after the next start`]),
    `forecast: ${said ? describeForecast(said.forecast, report) : 'none'}`,
  ];
  return `${what}: ${parts.join('; ')}`;
}

function describeForecast(closing: CloseForecast, { flow, arrival: arrived }: Report): string {
  const endedMs = arrived ? flow.lastAfterMs : null;
  switch (closing.kind) {
    case 'finishes':
      return `finishes in ${minutes(closing.inMs)} min, ${compareForecast(closing.inMs, endedMs)}`;
    case 'background-fetch': {
      const { leftMs } = closing;
      if (leftMs === null) return 'Background Fetch, duration unknown';
      return `Background Fetch for ${minutes(leftMs)} min, ${compareForecast(leftMs, endedMs)}`;
    }
    case 'continues': {
      const text = `continues for ${minutes(closing.forMs)} of ${minutes(closing.withinMs)} min`;
      const isMeasured = flow.watchedMs >= closing.withinMs;
      return isMeasured
        ? `${text}, ${compareForecast(closing.forMs, flow.flowedMs)}`
        : `${text}, not measured to its end`;
    }
    default:
      return closing.kind;
  }
}

/** @param cameMs null if it never came */
function compareForecast(forecastMs: number, cameMs: number | null): string {
  if (cameMs === null) return 'wrong: the file did not arrive';
  const off = forecastMs / cameMs - 1;
  return `${Math.abs(off) <= MARGIN ? 'correct' : 'wrong'} (${off < 0 ? '' : '+'}${(off * 100).toFixed(0)} %)`;
}

function minutes(ms: number): string {
  return (ms / 60_000).toFixed(1);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

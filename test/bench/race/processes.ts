import { readdirSync, readFileSync } from 'node:fs';

/** Resources used by a browser with all its processes. */
export interface Usage {
  /** Since the start of the measurement. */
  readonly cpuSeconds: number;
  /**
   * The highest increase since the start: resident memory without mapped files. Memory that
   * processes share counts for each of them, so the figure is too high. The exact figure would cost
   * the kernel 100 ms per sample.
   */
  readonly memoryBytes: number;
}

const SAMPLE_MS = 250;
// USER_HZ, which is fixed on Linux.
const TICKS_PER_SECOND = 100;

/** Measures the browser that this process started. Null without /proc. */
export class UsageMeter {
  readonly #pids = browserPids();
  readonly #startCpu = cpuSeconds(this.#pids);
  readonly #startBytes = memoryBytes(this.#pids);
  #peakBytes = this.#startBytes;
  readonly #timer = setInterval(() => this.#sample(), SAMPLE_MS);

  static start(): UsageMeter | null {
    return process.platform === 'linux' ? new UsageMeter() : null;
  }

  stop(): Usage {
    clearInterval(this.#timer);
    this.#sample();
    const all = new Set([...this.#pids, ...browserPids()]);
    return {
      cpuSeconds: cpuSeconds([...all]) - this.#startCpu,
      memoryBytes: this.#peakBytes - this.#startBytes,
    };
  }

  #sample(): void {
    this.#peakBytes = Math.max(this.#peakBytes, memoryBytes(this.#pids));
  }
}

/** Chromium is the child process with a profile. Its descendants belong to it. */
function browserPids(): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    if (!fields) continue;
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const descendants = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...descendants(child)]);
  const roots = (children.get(process.pid) ?? []).filter((pid) => read(pid, 'cmdline').includes('--user-data-dir='));
  return roots.flatMap((pid) => [pid, ...descendants(pid)]);
}

function cpuSeconds(pids: readonly number[]): number {
  // utime and stime, and those of terminated children.
  const ticks = pids.flatMap((pid) => statOf(pid)?.slice(11, 15) ?? []);
  return ticks.reduce((sum, count) => sum + Number(count), 0) / TICKS_PER_SECOND;
}

function memoryBytes(pids: readonly number[]): number {
  const kilobytes = pids.flatMap((pid) => [...read(pid, 'status').matchAll(/^Rss(?:Anon|Shmem):\s+(\d+)/gm)]);
  return kilobytes.reduce((sum, [, count]) => sum + Number(count), 0) * 1024;
}

/**
 * The fields of `/proc/<pid>/stat` after the name, which may contain blanks. Null when the process
 * has ended.
 */
function statOf(pid: number): string[] | null {
  const stat = read(pid, 'stat');
  return stat === '' ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

import { describe, expect, it } from 'vitest';
import { SharedRun } from '../../../../src/server/store/folder/shared-run.ts';

/** Work whose runs the test ends one by one. */
class Runs {
  readonly #ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  started = 0;

  readonly work = (): Promise<void> => {
    this.started++;
    return new Promise((resolve, reject) => this.#ends.push({ resolve, reject }));
  };

  end(error?: Error): void {
    const next = this.#ends.shift();
    if (error) next?.reject(error);
    else next?.resolve();
  }
}

describe('SharedRun', () => {
  it('shares one more run among all callers that come during a run', async () => {
    const runs = new Runs();
    const shared = new SharedRun(runs.work);
    const first = shared.run();
    const during = [shared.run(), shared.run(), shared.run()];
    expect(runs.started).toBe(1);
    runs.end();
    await first;
    await expect.poll(() => runs.started).toBe(2);
    runs.end();
    await Promise.all(during);
    const later = shared.run();
    expect(runs.started).toBe(3);
    runs.end();
    await later;
  });

  it('fails only the callers of the run that failed', async () => {
    const runs = new Runs();
    const shared = new SharedRun(runs.work);
    const first = shared.run();
    const second = shared.run();
    runs.end(new Error('disk'));
    await expect(first).rejects.toThrow('disk');
    await expect.poll(() => runs.started).toBe(2);
    runs.end();
    await second;
  });
});

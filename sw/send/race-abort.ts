/**
 * Rejects with the signal's reason even if the work never ends: Chromium 156 may never finish
 * reading lost bytes.
 */
export function raceAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

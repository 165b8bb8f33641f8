import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The first thing a started process says. */
export async function firstMessage<T>(child: ChildProcess): Promise<T> {
  const died = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`A process ended at once, with ${code}.`)),
  );
  const [message] = await Promise.race([once(child, 'message'), died]);
  return message;
}

/** Ends a process that this one started, and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  // Its end of the line: it cleans up and exits.
  child.disconnect();
  await gone;
}

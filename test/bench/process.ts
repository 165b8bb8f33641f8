import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The first message of a started process. */
export async function firstMessage<T>(child: ChildProcess): Promise<T> {
  const died = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`A process ended at once, with ${code}.`)),
  );
  const [message] = await Promise.race([once(child, 'message'), died]);
  return message;
}

/** The answer of a child process to a question. Only one question may be open. */
export async function ask<T>(child: ChildProcess, question: string | object): Promise<T> {
  const answered = once(child, 'message');
  child.send(question);
  const [answer] = await answered;
  return answer;
}

/** Stops a child process and waits for its exit. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  // The process cleans up and exits when its channel closes.
  child.disconnect();
  await gone;
}

import type { Level } from './upload-plan.ts';

/**
 * A header that makes the server kill itself after the work of a request is durable and before it
 * responds.
 */
export const KILL_BEFORE_RESPONSE = 'x-dies-before-answer';

/** How the server process is started. */
export interface StartOptions {
  readonly dataDir: string;
  readonly level: Level;
  readonly host: string;
  /** 0 is a free one. */
  readonly port: number;
  readonly tokenTtlSeconds: number;
}

/** From parent to server: requests a sign-in link or token for a user, or deletes a session. */
export interface Question {
  readonly id: number;
  readonly ask: 'link' | 'token' | 'lose';
  readonly about: string;
}

/** From server to parent. The reply with id 0 is its URL, once it listens. */
export interface Reply {
  readonly id: number;
  readonly answer: string;
}

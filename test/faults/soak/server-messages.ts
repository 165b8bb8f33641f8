import type { Level } from './upload-plan.ts';

/** A header that has the server kill itself when the work of a request is durable and only its answer is missing. */
export const KILL_BEFORE_RESPONSE = 'x-dies-before-answer';

/** How the process of a server is started. */
export interface StartOptions {
  readonly dataDir: string;
  readonly level: Level;
  readonly host: string;
  /** 0 is a free one. */
  readonly port: number;
  readonly tokenTtlSeconds: number;
}

/** Parent to server: a sign-in link or a token for a user, or a session to forget. */
export interface Question {
  readonly id: number;
  readonly ask: 'link' | 'token' | 'lose';
  readonly about: string;
}

/** Server to parent; the one with id 0 is its address, as soon as it listens. */
export interface Reply {
  readonly id: number;
  readonly answer: string;
}

import type { FastifyRequest } from 'fastify';

/** What a test can have go wrong with one request. */
export type Fault =
  | { readonly kind: 'delay'; readonly delayMs: number }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      readonly retryAfter?: string;
    }
  | { readonly kind: 'drop' };

/** Switches for tests in the same process; all off otherwise. */
export interface Faults {
  /** Asked before a request is read. */
  before: ((request: FastifyRequest) => Fault | undefined) | undefined;
  /** Asked when the work is done and durable and only the answer is missing: true loses the answer. */
  dropAnswer: ((request: FastifyRequest) => boolean) | undefined;
}

export function noFaults(): Faults {
  return { before: undefined, dropAnswer: undefined };
}

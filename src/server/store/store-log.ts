/** Takes what an administrator of a store has to know. */
export interface StoreLog {
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}

/** For a store without a log. */
export const NO_LOG: StoreLog = { error: () => undefined };

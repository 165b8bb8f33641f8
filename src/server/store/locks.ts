/** Mutual exclusion by name, among all servers that share the storage. */
export interface Locks {
  /** Runs `work` while no other work of the same name runs, in the order of the calls. */
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
}

// The types of a service worker that the engine's tests need. lib.dom lacks them, and lib.webworker
// cannot be combined with it.

interface FetchEvent extends Event {
  readonly request: Request;
  waitUntil(promise: Promise<unknown>): void;
}

interface WindowClient {
  readonly visibilityState: 'hidden' | 'visible';
  focus(): Promise<WindowClient>;
  postMessage(message: unknown): void;
}

interface Clients {
  claim(): Promise<void>;
  matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly WindowClient[]>;
  openWindow(url: string): Promise<WindowClient | null>;
}

type WorkerNavigator = Navigator;

/** One tab of an engine under test. */
export interface Tab {
  open(url: string): Promise<void>;
  /** Runs a function in the page, which sees nothing of the test. */
  evaluate<T>(work: () => T | Promise<T>): Promise<T>;
  /** Picks a file in the app's own input, as a person would. */
  pick(path: string): Promise<void>;
  close(): Promise<void>;
}

/** A browser on a profile of its own, which lives on when the app's tabs are closed. */
export interface Engine {
  openTab(): Promise<Tab>;
  close(): Promise<void>;
}

/** How an engine is had. */
export interface EngineFacts {
  readonly name: string;
  /** Debian's program; without it the engine's tests are left out. */
  readonly program: string;
  launch(): Promise<Engine>;
}

/** The app's own file input; runs in the page. */
export function fileInput(): Element | null {
  const form = document.querySelector('upload-app')?.shadowRoot?.querySelector('add-files');
  return form?.shadowRoot?.querySelector('#files') ?? null;
}

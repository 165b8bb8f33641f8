/** A tab of an engine under test. */
export interface Tab {
  open(url: string): Promise<void>;
  /** Runs a function in the page. It uses nothing of the test's module. */
  evaluate<T>(work: () => T | Promise<T>): Promise<T>;
  /** Chooses a file in the input of the app, as a person would. */
  pick(path: string): Promise<void>;
  close(): Promise<void>;
}

/** A browser with its own profile, which keeps running when the tabs of the app are closed. */
export interface Engine {
  openTab(): Promise<Tab>;
  close(): Promise<void>;
}

/** How an engine is started. */
export interface EngineFacts {
  readonly name: string;
  /** The program of Debian. Without it the tests of the engine are skipped. */
  readonly program: string;
  launch(): Promise<Engine>;
}

/** The file input of the app. Runs in the page. */
export function fileInput(): Element | null {
  const form = document.querySelector('upload-app')?.shadowRoot?.querySelector('add-files');
  return form?.shadowRoot?.querySelector('#files') ?? null;
}

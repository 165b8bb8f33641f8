// Chromium's event, which lib.dom does not declare.
interface BeforeInstallPromptEvent extends Event {
  prompt(): Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

/** Keeps the browser's install prompt until the user asks for it. Fires `change`. */
export class InstallPrompt extends EventTarget {
  #event: BeforeInstallPromptEvent | null = null;

  constructor() {
    super();
    addEventListener('beforeinstallprompt', (event) => this.#set(event as BeforeInstallPromptEvent));
    addEventListener('appinstalled', () => this.#set(null));
  }

  get canInstall(): boolean {
    return this.#event !== null;
  }

  async install(): Promise<void> {
    const event = this.#event;
    // Each event can prompt once.
    this.#set(null);
    await event?.prompt();
  }

  #set(event: BeforeInstallPromptEvent | null): void {
    event?.preventDefault();
    this.#event = event;
    this.dispatchEvent(new Event('change'));
  }
}

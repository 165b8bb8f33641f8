import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { strings } from '../i18n/catalogue.ts';
import type { AppContext } from '../state/app-context.ts';
import { takeDeepLink } from '../state/launch.ts';
import type { QueueView } from './queue-view.ts';

/** An element that renders the queue once it has a context. */
interface Host extends ReactiveControllerHost {
  readonly context: AppContext | null;
  readonly renderRoot: ParentNode;
}

/** Opens the upload of a deep link once the queue of the signed-in user is loaded. */
export class DeepLinkController implements ReactiveController {
  readonly #host: Host;
  #uploadId: string | null = null;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  open(uploadId: string): void {
    this.#uploadId = uploadId;
    this.#host.requestUpdate();
  }

  hostConnected(): void {
    this.#uploadId = takeDeepLink();
  }

  hostUpdated(): void {
    const { context } = this.#host;
    const uploadId = this.#uploadId;
    if (uploadId === null || !context) return;
    const { userId, queue } = context.client;
    if (userId === null || queue.ownerId !== userId || !queue.isLoaded) return;
    this.#uploadId = null;
    void context.try(() => this.#show(context, uploadId));
  }

  async #show(context: AppContext, uploadId: string): Promise<void> {
    const isShown = await this.#host.renderRoot.querySelector<QueueView>('queue-view')?.show(uploadId);
    if (!isShown) context.toasts.show({ text: strings().queue.gone });
  }
}

import type { ReactiveControllerHost } from 'lit';
import type { UploadView } from '../../page/index.ts';
import type { AppContext } from '../state/app-context.ts';
import { isOverUpperHalf, ROW_MEDIA_TYPE } from '../ui/drag.ts';

interface List extends ReactiveControllerHost {
  readonly context: AppContext | null;
  readonly uploads: readonly UploadView[];
}

/** The edge of a row at which a dragged row would be dropped. */
interface Edge {
  readonly id: string;
  readonly before: boolean;
}

/** Moves rows of a list, by a number of places or by dragging. */
export class RowMoveController {
  readonly #list: List;
  #dropEdge: Edge | null = null;

  constructor(list: List) {
    this.#list = list;
  }

  /** The edge of a row that is marked as the drop target. */
  getDropEdge(id: string): 'before' | 'after' | '' {
    if (this.#dropEdge?.id !== id) return '';
    return this.#dropEdge.before ? 'before' : 'after';
  }

  /**
   * Moves a row down by a number of places, or up if it is negative.
   *
   * @returns the new index; null if the row stays.
   */
  async moveBy(index: number, places: number): Promise<number | null> {
    const { context, uploads } = this.#list;
    const upload = uploads[index];
    const to = Math.max(0, Math.min(uploads.length - 1, index + places));
    if (!context || !upload || to === index) return null;
    const before = uploads[to > index ? to + 1 : to];
    const isMoved = await context.try(() => context.client.moveBefore(upload.id, before?.id ?? null));
    return isMoved ? to : null;
  }

  dragOver(event: DragEvent): void {
    const row = (event.target as Element).closest<HTMLElement>('[data-index]');
    const upload = this.#list.uploads[Number(row?.dataset.index)];
    if (!row || !upload || !event.dataTransfer?.types.includes(ROW_MEDIA_TYPE)) return;
    event.preventDefault();
    this.#mark({ id: upload.id, before: isOverUpperHalf(event, row) });
  }

  dragEnd(): void {
    this.#mark(null);
  }

  async drop(event: DragEvent): Promise<void> {
    const { context, uploads } = this.#list;
    const id = event.dataTransfer?.getData(ROW_MEDIA_TYPE);
    const edge = this.#dropEdge;
    this.#mark(null);
    if (!id || !edge || !context || id === edge.id) return;
    event.preventDefault();
    const at = uploads.findIndex((upload) => upload.id === edge.id);
    const before = uploads[edge.before ? at : at + 1];
    if (before?.id !== id) await context.try(() => context.client.moveBefore(id, before?.id ?? null));
  }

  #mark(edge: Edge | null): void {
    if (edge?.id === this.#dropEdge?.id && edge?.before === this.#dropEdge?.before) return;
    this.#dropEdge = edge;
    this.#list.requestUpdate();
  }
}

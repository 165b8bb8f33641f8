import type { ReactiveControllerHost } from 'lit';
import type { UploadView } from '../../page/index.ts';
import type { AppContext } from '../state/app-context.ts';
import { isOverUpperHalf, ROW_MEDIA_TYPE } from '../ui/drag.ts';

interface List extends ReactiveControllerHost {
  readonly desk: AppContext | null;
  readonly uploads: readonly UploadView[];
}

/** An edge of a row: there what is dragged would come to lie. */
interface Edge {
  readonly id: string;
  readonly before: boolean;
}

/** Takes rows of a list to another place: by some steps, or to where they are dragged. */
export class RowMoveController {
  readonly #list: List;
  #over: Edge | null = null;

  constructor(list: List) {
    this.#list = list;
  }

  /** The edge of a row that is to be marked. */
  getDropEdge(id: string): 'before' | 'after' | '' {
    if (this.#over?.id !== id) return '';
    return this.#over.before ? 'before' : 'after';
  }

  /**
   * Moves a row down by so many places, or up where they are negative.
   *
   * @returns the index where it is then; null where it stays.
   */
  async moveBy(index: number, places: number): Promise<number | null> {
    const { desk, uploads } = this.#list;
    const upload = uploads[index];
    const to = Math.max(0, Math.min(uploads.length - 1, index + places));
    if (!desk || !upload || to === index) return null;
    const before = uploads[to > index ? to + 1 : to];
    const isMoved = await desk.try(() => desk.client.moveBefore(upload.id, before?.id ?? null));
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
    const { desk, uploads } = this.#list;
    const id = event.dataTransfer?.getData(ROW_MEDIA_TYPE);
    const over = this.#over;
    this.#mark(null);
    if (!id || !over || !desk || id === over.id) return;
    event.preventDefault();
    const at = uploads.findIndex((upload) => upload.id === over.id);
    const before = uploads[over.before ? at : at + 1];
    if (before?.id !== id) await desk.try(() => desk.client.moveBefore(id, before?.id ?? null));
  }

  #mark(over: Edge | null): void {
    if (over?.id === this.#over?.id && over?.before === this.#over?.before) return;
    this.#over = over;
    this.#list.requestUpdate();
  }
}

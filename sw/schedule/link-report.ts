import type { Tabs } from '../ports/ports.ts';
import type { Link } from '../server/link.ts';

/** Tells every tab what keeps the worker from the server, once a response or a failure shows it. */
export class LinkReport {
  readonly #link: Link;
  readonly #tabs: Tabs;
  /** The last message; undefined before the first one. */
  #problem: string | null | undefined;

  constructor(link: Link, tabs: Tabs) {
    this.#link = link;
    this.#tabs = tabs;
  }

  /** Posts a change. */
  async update(): Promise<void> {
    if (!this.#link.isKnown) return;
    const problem = this.#link.failure?.code ?? null;
    if (problem === this.#problem) return;
    this.#problem = problem;
    await this.#tabs.post({ type: 'link', problem });
  }

  /** Posts the present state again, because a tab may be new. */
  repeat(): void {
    this.#problem = undefined;
  }
}

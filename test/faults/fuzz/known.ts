import * as v from 'valibot';
import { placeholder } from './chunks.ts';
import type { FuzzRequest } from './requests.ts';
import type { RawAnswer } from './send.ts';

const answer = v.object({
  upload_id: v.optional(v.string()),
  ticket: v.optional(v.string()),
  batch_id: v.optional(v.string()),
});

/** Tokens by their placeholder. */
export type Tokens = Readonly<Record<string, string>>;

/** Collects the ids that the server issued and fills them into later requests. */
export class SeenIds {
  readonly #tokens: Tokens;
  readonly #ids = { session: ring(), ticket: ring(), batch: ring() };

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  collect({ status, body }: RawAnswer): void {
    if (status !== 200) return;
    const read = v.safeParse(answer, parsed(body));
    if (!read.success) return;
    const { upload_id, ticket, batch_id } = read.output;
    if (upload_id && ticket) {
      this.#ids.session.add(upload_id);
      this.#ids.ticket.add(ticket);
    }
    if (batch_id) this.#ids.batch.add(batch_id);
  }

  /** Replaces placeholders by ids and tokens of the same length. */
  fill(request: FuzzRequest): FuzzRequest {
    const head = this.#fillIds(request.head).replace(/@token-(\w+)/, (_, name) => this.#tokens[name] ?? '');
    return { ...request, head, body: Buffer.from(this.#fillIds(request.body.toString('latin1')), 'latin1') };
  }

  #fillIds(text: string): string {
    return text.replace(/@(session|ticket|batch)(\d+)@+/g, (word, what: 'session' | 'ticket' | 'batch', n: string) => {
      const id = this.#ids[what].at(Number(n));
      return word === placeholder(what, Number(n)) && id?.length === word.length ? id : word;
    });
  }
}

/** Keeps the last items only, because older sessions have mostly ended. */
function ring(size = 40) {
  const items: string[] = [];
  let next = 0;
  return {
    add(item: string) {
      items[next] = item;
      next = (next + 1) % size;
    },
    at: (n: number): string | undefined => items[n % Math.max(1, items.length)],
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

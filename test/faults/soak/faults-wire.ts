import type { Fault } from './fault.ts';
import { forwardUnchanged } from './fault-proxy.ts';

/** Faults of the connection. */
export const CONNECTION_FAULTS: readonly Fault[] = [
  {
    name: 'connection reset at a random byte',
    weight: 6,
    draw(random) {
      const share = random.next();
      return {
        where: 'wire',
        matches: () => true,
        async apply(passage) {
          const { abandon } = await passage.forwardFirstBytes(Math.floor(share * passage.exchange.sizeBytes));
          passage.resetConnection({ began: false });
          abandon();
          return 'hit';
        },
      };
    },
  },
  {
    name: 'answer dropped after commit',
    weight: 5,
    draw(random, level) {
      // Chromium repeats a request that was cut before its response began, which a basic server
      // cannot recognize.
      const began = level === 'original' || random.next() < 0.5;
      return {
        where: 'wire',
        matches: () => true,
        async apply(passage) {
          const { status } = await passage.forward();
          passage.resetConnection({ began });
          return status < 300 ? 'hit' : 'missed';
        },
      };
    },
  },
  {
    name: 'gateway error after commit',
    weight: 3,
    draw(random) {
      const status = random.pick([502, 504, 524]);
      return {
        where: 'wire',
        matches: () => true,
        async apply(passage) {
          const answer = await passage.forward();
          await passage.respondError(status, 'gateway');
          return answer.status < 300 ? 'hit' : 'missed';
        },
      };
    },
  },
  {
    name: 'stalled for ever',
    weight: 0,
    phase: 'late',
    draw(random) {
      const share = random.next();
      return {
        where: 'wire',
        matches: () => true,
        async apply(passage) {
          const { abandon } = await passage.forwardFirstBytes(Math.floor(share * passage.exchange.sizeBytes));
          await passage.waitForClose();
          abandon();
          return 'hit';
        },
      };
    },
  },
  {
    name: 'byte corrupted on the way',
    weight: 3,
    // Without digests the corruption stays unnoticed.
    level: 'exact',
    draw(random) {
      const share = random.next();
      return {
        where: 'wire',
        // A form ends with its boundary, and a form of many files has fields in its middle.
        matches: ({ hasDigest, file, sizeBytes }) => hasDigest && file.endsWith('.bin') && sizeBytes > 4000,
        async apply(passage) {
          const { fileOffset: bytesAt, exchange } = passage;
          const victim = bytesAt + Math.floor(share * (exchange.sizeBytes - bytesAt - 300));
          const answer = await passage.forward((bytes, offset) => flipBit(bytes, victim - offset));
          await passage.respond(answer);
          return 'hit';
        },
      };
    },
  },
  {
    name: 'session lost with four chunks in flight',
    weight: 2,
    draw: () => ({
      where: 'wire',
      matches: ({ sessionId, index, total }) => sessionId !== null && index > 0 && total - index > 8,
      async apply(passage, { gates, log: ledger, server }) {
        const sessionId = passage.exchange.sessionId ?? '';
        let open = () => {};
        gates.set(sessionId, new Promise((resolve) => (open = resolve)));
        const full = await becomesTrue(1500, () => ledger.countInFlight(sessionId) >= 4);
        if (full) await server.lose(sessionId);
        gates.delete(sessionId);
        open();
        await forwardUnchanged(passage);
        return full ? 'hit' : 'missed';
      },
    }),
  },
];

function flipBit(bytes: Buffer, at: number): Buffer {
  if (at < 0 || at >= bytes.length) return bytes;
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** Whether a condition becomes true in time. */
async function becomesTrue(ms: number, is: () => boolean): Promise<boolean> {
  for (const giveUpAt = Date.now() + ms; Date.now() < giveUpAt; ) {
    if (is()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return is();
}

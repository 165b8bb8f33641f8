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
        where: 'request',
        matches: () => true,
        async apply(proxied) {
          const { abandon } = await proxied.forwardFirstBytes(Math.floor(share * proxied.exchange.sizeBytes));
          proxied.resetConnection({ began: false });
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
      const began = level === 'basic' || random.next() < 0.5;
      return {
        where: 'request',
        matches: () => true,
        async apply(proxied) {
          const { status } = await proxied.forward();
          proxied.resetConnection({ began });
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
        where: 'request',
        matches: () => true,
        async apply(proxied) {
          const answer = await proxied.forward();
          await proxied.respondError(status, 'gateway');
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
        where: 'request',
        matches: () => true,
        async apply(proxied) {
          const { abandon } = await proxied.forwardFirstBytes(Math.floor(share * proxied.exchange.sizeBytes));
          await proxied.waitForClose();
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
    level: 'extended',
    draw(random) {
      const share = random.next();
      return {
        where: 'request',
        // A form ends with its boundary, and a form of many files has fields in its middle.
        matches: ({ hasDigest, file, sizeBytes }) => hasDigest && file.endsWith('.bin') && sizeBytes > 4000,
        async apply(proxied) {
          const { fileOffset: bytesAt, exchange } = proxied;
          const victim = bytesAt + Math.floor(share * (exchange.sizeBytes - bytesAt - 300));
          const answer = await proxied.forward((bytes, offset) => flipBit(bytes, victim - offset));
          await proxied.respond(answer);
          return 'hit';
        },
      };
    },
  },
  {
    name: 'session lost with four chunks in flight',
    weight: 2,
    draw: () => ({
      where: 'request',
      matches: ({ sessionId, index, total }) => sessionId !== null && index > 0 && total - index > 8,
      async apply(proxied, { gates, log, server }) {
        const sessionId = proxied.exchange.sessionId ?? '';
        let open = () => {};
        gates.set(sessionId, new Promise((resolve) => (open = resolve)));
        const full = await becomesTrue(1500, () => log.countInFlight(sessionId) >= 4);
        if (full) await server.lose(sessionId);
        gates.delete(sessionId);
        open();
        await forwardUnchanged(proxied);
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

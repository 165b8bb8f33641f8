import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FuzzRequest } from './requests.ts';

/** A raw answer, without any assumption about it. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

const GIVE_UP_MS = 60_000;
const SLOW_PIECES = 5;

/** Sends a request. Returns null when the connection ends without an answer. */
export function send(port: number, request: FuzzRequest): Promise<RawAnswer | null> {
  return new Promise((resolve) => {
    const heard: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => void write(socket, request));
    // A server that refuses may close while the rest is being written.
    socket.on('error', () => undefined);
    socket.on('data', (data) => heard.push(data));
    socket.setTimeout(GIVE_UP_MS, () => socket.destroy());
    socket.once('close', () => resolve(answerIn(Buffer.concat(heard).toString('latin1'))));
  });
}

async function write(socket: Socket, { head, body, manner, sentBytes }: FuzzRequest): Promise<void> {
  const sent = body.subarray(0, sentBytes);
  socket.write(`${head}\r\n\r\n`, 'latin1');
  if (manner === 'slow') {
    const size = Math.ceil(sent.length / SLOW_PIECES) || 1;
    for (let at = 0; at < sent.length; at += size) {
      socket.write(sent.subarray(at, at + size));
      await sleep(20);
    }
    return;
  }
  socket.write(sent, () => {
    if (manner === 'cut') socket.end();
    if (manner === 'aborted') socket.destroy();
  });
}

/** The last answer, because `100 Continue` may come before it. */
function answerIn(text: string): RawAnswer | null {
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
  const end = text.indexOf('\r\n\r\n');
  if (status === undefined || end < 0) return null;
  if (status === '100') return answerIn(text.slice(end + 4));
  return { status: Number(status), head: text.slice(0, end), body: text.slice(end + 4) };
}

import { createServer, type Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Counts requests and events for Prometheus, without names, addresses and ids. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its response.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
    registers: [this.#registry],
  });
  readonly #inProgress = new Gauge({
    name: 'http_requests_in_progress',
    help: 'Requests whose responses have not ended.',
    registers: [this.#registry],
  });
  readonly #bytes = new Counter({
    name: 'http_request_body_bytes_total',
    help: 'Declared sizes of the bodies of successful requests.',
    registers: [this.#registry],
  });
  readonly #events = new Counter({
    name: 'security_events_total',
    help: 'Refusals that may be an attack.',
    labelNames: ['event'],
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  countEvent(event: string): void {
    this.#events.inc({ event });
  }

  observe(app: FastifyInstance): void {
    app.addHook('onRequest', async (request, reply) => {
      const end = this.#durations.startTimer();
      this.#inProgress.inc();
      reply.raw.once('close', () => {
        this.#inProgress.dec();
        // Paths contain ids; the pattern of a route does not.
        const route = request.routeOptions.url ?? 'none';
        end({ method: request.method, route, status: reply.statusCode });
        if (reply.statusCode < 300) this.#bytes.inc(Number(request.headers['content-length'] ?? 0));
      });
    });
  }

  /**
   * Serves `/metrics` on a port of its own, so that no proxy in front of the app can publish it by
   * accident.
   */
  async listen(port: number, host: string): Promise<Server> {
    const server = createServer(async (request, response) => {
      const isFound = request.method === 'GET' && request.url === '/metrics';
      response.statusCode = isFound ? 200 : 404;
      response.setHeader('Content-Type', isFound ? this.#registry.contentType : 'text/plain');
      response.end(isFound ? await this.#registry.metrics() : 'The metrics are at /metrics.\n');
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    return server;
  }
}

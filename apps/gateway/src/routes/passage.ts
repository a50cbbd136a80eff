import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Dispatcher } from 'undici';
import { answerHeaders } from './headers.ts';
import { securityHeaders } from './security-headers.ts';

const FIRST_FINAL_STATUS = 200;
const MOST_IN_ONE_PIECE = 8 * 1024;

/**
 * The way of one answer from a copy of a service to the client, as it comes. Written against undici's dispatch, since
 * its `stream` costs a resource of async_hooks, a listener of each end and an emitter for each request.
 */
export class Passage implements Dispatcher.DispatchHandler {
  /** Whether the client has gone before it had all. */
  isAbandoned = false;
  readonly #reply: FastifyReply;
  readonly #response: ServerResponse;
  readonly #isEndless: boolean;
  readonly #settle: (error?: Error) => void;
  #controller: Dispatcher.DispatchController | undefined;
  /** Bytes still to come, when the answer says how many; NaN otherwise. */
  #left = Number.NaN;

  /** @param settle told when the answer begins, or why it does not */
  constructor(reply: FastifyReply, isEndless: boolean, settle: (error?: Error) => void) {
    this.#reply = reply;
    this.#response = reply.raw;
    this.#isEndless = isEndless;
    this.#settle = settle;
  }

  /** Ends the request upstream, since nobody waits for it any more. */
  abandon(): void {
    this.isAbandoned = true;
    this.#controller?.abort(new Error('the client has gone'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.isAbandoned) this.abandon();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, answered: IncomingHttpHeaders): void {
    if (status < FIRST_FINAL_STATUS) return;
    this.#left = Number(answered['content-length'] ?? Number.NaN);
    this.#reply.hijack();
    const own = { ...securityHeaders, ...(this.#reply.getHeaders() as OutgoingHttpHeaders) };
    this.#response.writeHead(status, answerHeaders(answered, own));
    // What streams is shown as it comes: the first bytes may be long after the headers.
    if (this.#isEndless) this.#response.flushHeaders();
    this.#settle();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#left -= chunk.length;
    if (this.#left === 0) this.#end(chunk);
    else if (!this.#response.write(chunk)) {
      controller.pause();
      this.#response.once('drain', () => controller.resume());
    }
  }

  /** Ends with the last bytes. As text a small body goes out with its head in one piece: a write of two costs more. */
  #end(chunk: Buffer): void {
    if (chunk.length > MOST_IN_ONE_PIECE) this.#response.end(chunk);
    else this.#response.end(chunk.toString('latin1'), 'latin1');
  }

  onResponseEnd(): void {
    if (!this.#response.writableEnded) this.#response.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#response.headersSent) this.#response.destroy();
    this.#settle(error);
  }
}

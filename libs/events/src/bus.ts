/** Where messages are published: the events, or the dead letters of all consumers. */
export type Exchange = 'events' | 'dead';

/** What a broker carries; it looks at the key only. */
export interface Message {
  /** The event's id. */
  id: string;
  /** The routing key: words with dots between them. */
  key: string;
  /** JSON text. */
  body: string;
  headers: Readonly<Record<string, string>>;
}

/** A queue and the keys it wants: `*` stands for one word, `#` for any number of them. */
export interface Queue {
  name: string;
  exchange: Exchange;
  patterns: readonly string[];
}

export interface Delivery {
  message: Message;
  /**
   * True when the message was handed out before and not settled. RabbitMQ also says so of what it had sent ahead to a
   * subscription that ended.
   */
  redelivered: boolean;
}

export interface Publisher {
  /**
   * Publishes messages in their order. Resolves when the broker has each of them durably in every queue that wants it.
   *
   * @throws EventError `event-unroutable` when no queue wants one of them (then none that follows is kept either),
   *   `broker-closed` when the bus is closed, `broker-unreachable` when the broker is away or was lost before it
   *   confirmed, `broker-refused` when a queue is full; after any error the caller publishes all of them again
   */
  publish(exchange: Exchange, messages: readonly Message[]): Promise<void>;
  /**
   * Sends messages to one queue, in their order, whatever keys it wants; as durable and confirmed as `publish`.
   *
   * @throws EventError `queue-unknown` when there is no such queue, and otherwise as `publish`
   */
  send(queue: string, messages: readonly Message[]): Promise<void>;
}

export interface Subscription {
  /** Stops taking messages and waits for the batch in hand; resolves once nothing of it is running. */
  cancel(): Promise<void>;
}

export interface Subscriber {
  /**
   * Hands out the messages of a queue in their order, a batch at a time.
   *
   * When `receive` resolves the whole batch is settled and forgotten; when it throws, the batch returns to the
   * queue and is delivered again, marked as redelivered. Several subscriptions to one queue share its messages,
   * in this process or in others. A message is delivered at least once, also after `kill -9`.
   *
   * @param options.batch how many messages `receive` gets at most
   * @throws EventError `queue-unknown`, `broker-unreachable`
   */
  subscribe(
    queue: string,
    receive: (deliveries: readonly Delivery[]) => Promise<void>,
    options: { batch: number },
  ): Promise<Subscription>;
}

/** Somebody who wants to hear of events while he is there, and needs none of them later. */
export interface Listening {
  /** What its queue at a broker is named after; each process has one of its own. */
  name: string;
  /** The keys it wants, as those of a queue. */
  patterns: readonly string[];
  /** Hears messages once they are published, in their order; must not throw. */
  hear(messages: readonly Message[]): void;
  /** Told when messages may have been missed, since the broker was away for a time; must not throw. */
  missed(): void;
}

/** A durable broker. */
export interface EventBus extends Publisher, Subscriber {
  /**
   * Lets somebody hear the events that are published from now on, each process all of them. Nothing is kept for who is
   * away; at RabbitMQ the queue is exclusive, and gone with the process.
   *
   * @throws EventError `broker-unreachable`
   */
  listen(listening: Listening): Promise<Subscription>;
  /**
   * Makes the queues that are missing and binds them; existing ones keep their messages. Whether what an earlier
   * version bound is unbound, is up to the broker: AMQP does not say what is bound.
   *
   * @throws EventError `queue-differs` when the broker has one with other settings, `broker-unreachable`
   */
  declare(queues: readonly Queue[]): Promise<void>;
  /** How many messages of a queue are not settled yet; of those in hand, at RabbitMQ, only this process's. */
  depth(queue: string): Promise<number>;
  /** Resolves when the broker answers; throws what it said otherwise. */
  check(): Promise<void>;
  /** Cancels every subscription, then lets go of the broker. */
  close(): Promise<void>;
}

import { describe } from 'vitest';
import { testEventBus } from './conformance.ts';
import { hasRabbit, openTestRabbit } from './fixture/rabbit.ts';

describe.skipIf(!hasRabbit)('over AMQP', () => testEventBus('RabbitMQ', openTestRabbit));

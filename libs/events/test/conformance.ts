import { afterEach, beforeEach, describe } from 'vitest';
import { testDelivery } from './conformance/delivery.ts';
import { testLifecycle } from './conformance/lifecycle.ts';
import { testListening } from './conformance/listening.ts';
import { testLoad } from './conformance/load.ts';
import { testRouting } from './conformance/routing.ts';
import { testSending } from './conformance/sending.ts';
import type { OpenEventBus, Opened } from './conformance/subject.ts';

export type { OpenEventBus, Opened } from './conformance/subject.ts';

/**
 * The suite that every broker passes: what `EventBus` promises, and nothing of how it is kept.
 *
 * @param name the broker, for the names of the tests
 * @param open gives a bus without queues and messages; called before each test
 */
export function testEventBus(name: string, open: OpenEventBus): void {
  describe(name, () => {
    let opened: Opened;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const subject = () => opened;
    testRouting(subject);
    testSending(subject);
    testDelivery(subject);
    testLifecycle(subject);
    testListening(subject);
    testLoad(subject);
  });
}

import { describe } from 'vitest';
import { queueContract } from '../contract/queue.ts';

describe('the embedded queue', () => {
  queueContract({ name: 'embedded', environment: () => ({}) });
});

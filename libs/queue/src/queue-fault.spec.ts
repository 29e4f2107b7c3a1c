import { withoutRepeats, type QueueFault } from './queue-fault';

describe('withoutRepeats', () => {
  let nowMs = 0;
  let heard: QueueFault[] = [];
  const listen = () =>
    withoutRepeats(
      (fault) => heard.push(fault),
      () => nowMs,
    );
  const outage = (message: string): QueueFault => ({ kind: 'backend', queue: 'events', error: new Error(message) });

  beforeEach(() => {
    nowMs = 1_000;
    heard = [];
  });

  it('passes a message of the backend on once in ten seconds', () => {
    const listener = listen();
    for (const atMs of [1_000, 1_001, 10_999, 11_000, 12_000]) {
      nowMs = atMs;
      listener(outage('connection refused'));
    }
    expect(heard).toHaveLength(2);
  });

  it('passes other messages on meanwhile', () => {
    const listener = listen();
    for (const message of ['refused', 'reset', 'refused']) listener(outage(message));
    expect(heard).toMatchObject([{ error: { message: 'refused' } }, { error: { message: 'reset' } }]);
  });

  it('passes every failed job on, also with the same message', () => {
    const listener = listen();
    const failed: QueueFault = {
      kind: 'job_failed',
      queue: 'events',
      jobId: '1',
      final: true,
      error: new Error('broken'),
    };
    listener(failed);
    listener(failed);
    expect(heard).toEqual([failed, failed]);
  });

  it('does not grow with messages that are all different', () => {
    const listener = listen();
    for (let i = 0; i < 1_000; i += 1) listener(outage(`attempt ${i}`));
    expect(heard).toHaveLength(1_000);
    listener(outage('attempt 999'));
    expect(heard).toHaveLength(1_000);
  });
});

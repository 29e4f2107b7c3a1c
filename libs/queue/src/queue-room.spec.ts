import { setImmediate as everythingElse } from 'node:timers/promises';
import { QueueRoom } from './queue-room';

describe('the room of a queue', () => {
  let nowMs = 0;
  let waiting: () => Promise<number>;
  let looks = 0;
  let room: QueueRoom;

  beforeEach(() => {
    looks = 0;
    waiting = async () => 0;
    const count = () => {
      looks += 1;
      return waiting();
    };
    room = new QueueRoom(count, () => nowMs);
  });

  const fill = async (): Promise<void> => {
    waiting = async () => 10_000;
    await room.isLeft();
    await everythingElse();
    nowMs += 999;
    expect(await room.isLeft()).toBe(false);
    nowMs += 1;
  };

  it('is looked for once a second, and nobody waits for the look while there is some', async () => {
    waiting = () => new Promise(() => {});
    expect(await room.isLeft()).toBe(true);
    nowMs += 999;
    expect(await room.isLeft()).toBe(true);
    expect(looks).toBe(1);
    nowMs += 1;
    expect(await room.isLeft()).toBe(true);
    expect(looks).toBe(2);
  });

  it('is found again, once it was used up, by the first who asks after a second', async () => {
    await fill();
    waiting = async () => 9_999;
    expect(await room.isLeft()).toBe(true);
  });

  it('is left as far as anybody knows when the queue cannot be asked', async () => {
    await fill();
    waiting = () => Promise.reject(new Error('away'));
    expect(await room.isLeft()).toBe(true);
  });
});

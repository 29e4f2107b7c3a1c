import type { Logger } from 'pino';
import { NestLog } from './nest-log';

describe('the log of Nest', () => {
  it('leaves out what a start failed of, which the process tells in plain words, and nothing else', () => {
    const told: string[] = [];
    const log = new NestLog({ error: (_: unknown, text: string) => told.push(text) } as unknown as Logger);
    log.error(new Error('no database'), 'stack', 'ExceptionHandler');
    log.error('Error: listen EADDRINUSE', undefined, 'NestApplication');
    expect(told).toEqual([]);
    log.error(new Error('a fault while it ended'), 'NestApplication');
    log.error('a fault of a library', 'Library');
    expect(told).toEqual(['a fault while it ended', 'a fault of a library']);
  });
});

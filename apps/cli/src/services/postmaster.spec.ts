import { parsePostmasterPid } from './postmaster';

describe('parsePostmasterPid', () => {
  const file = (status: string) =>
    ['4711', '/data/postgres', '1790000000', '5433', '', '127.0.0.1', '  1234567         7', status, ''].join('\n');

  it.each([
    ['ready   ', 'ready'],
    ['starting', 'starting'],
    ['stopping', 'stopping'],
  ])('reads process, port and the status "%s"', (status, kind) => {
    expect(parsePostmasterPid(file(status))).toEqual({ pid: 4711, port: 5433, kind });
  });

  it('takes a file that is still being written for a server that is starting', () => {
    expect(parsePostmasterPid('4711\n/data/postgres\n')).toEqual({ pid: 4711, port: 0, kind: 'starting' });
  });

  it('reads the process of a standalone backend, whose number is negative', () => {
    expect(parsePostmasterPid('-4711\n/data/postgres\n')).toMatchObject({ pid: 4711 });
  });

  it('finds no process in an empty or torn file', () => {
    expect(parsePostmasterPid('')).toBeUndefined();
    expect(parsePostmasterPid('\0\0\0\0')).toBeUndefined();
    expect(parsePostmasterPid('0\n')).toBeUndefined();
  });
});

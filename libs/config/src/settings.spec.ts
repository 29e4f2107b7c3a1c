import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_RETRY_SCHEDULE_MS } from '@signpost/domain';
import { parseDurationMs } from './setting-types';
import { renderSettingsTable, SETTINGS } from './settings';

describe('the table of settings', () => {
  it('has one row per setting, each with three cells and a description', () => {
    const [head, rule, ...rows] = renderSettingsTable().split('\n');
    expect(head).toBe('| Setting | Default | Meaning |');
    expect(rule).toBe('| --- | --- | --- |');
    expect(rows).toHaveLength(SETTINGS.length);
    for (const [index, { name, defaultText, description }] of SETTINGS.entries()) {
      const cells = (rows[index] ?? '').split(' | ');
      expect(cells).toEqual([`| \`${name}\``, defaultText ? `\`${defaultText}\`` : '', `${description} |`]);
      expect(description).toMatch(/\.(\*\*)?$/);
    }
  });

  it('stands in the README as it is', () => {
    const squeeze = (text: string): string => text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
    const readme = readFileSync(join(__dirname, '../../../README.md'), 'utf8');
    expect(squeeze(readme)).toContain(squeeze(renderSettingsTable().trim()));
  });

  it('has the retry schedule of the domain as its default', () => {
    const text = SETTINGS.find(({ name }) => name === 'SIGNPOST_RETRY_SCHEDULE')?.defaultText ?? '';
    expect(text.split(',').map(parseDurationMs)).toEqual(DEFAULT_RETRY_SCHEDULE_MS);
  });

  it('gives secrets no default', () => {
    const secret = SETTINGS.filter(({ name }) => /TOKEN|KEYS|SECRET|_URL$/.test(name));
    expect(secret).toHaveLength(8);
    for (const { defaultText } of secret) expect(defaultText).toBeNull();
  });
});

describe('parseDurationMs', () => {
  it.each([
    ['0', 0],
    ['250ms', 250],
    ['15s', 15_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['5d', 432_000_000],
  ])('reads %s', (text, timeMs) => expect(parseDurationMs(text)).toBe(timeMs));

  it.each(['', '5', '-5s', '+5s', '1.5s', '5 s', '5S', '5w', 's', '1e3s', '9999999999s'])(
    'reads nothing from %j',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );
});

import { SETTINGS } from './settings';
import { unknownSettingLines } from './unknown-settings';

describe('unknownSettingLines', () => {
  it('names each variable that looks like a setting and is none', () => {
    expect(unknownSettingLines({ SIGNPOST_RETENTION: '3', SIGNPOST_HTTPS: 'true', OTHER: '1', PORT: '3000' })).toEqual([
      'SIGNPOST_HTTPS has no effect: there is no such setting.',
      'SIGNPOST_RETENTION has no effect: there is no such setting.',
    ]);
  });

  it('knows every setting, and what Kubernetes sets for a service that is called signpost', () => {
    const kubernetes = {
      SIGNPOST_SERVICE_HOST: '10.0.0.1',
      SIGNPOST_PORT: 'tcp://10.0.0.1:3000',
      SIGNPOST_API_PORT_3000_TCP_ADDR: '',
    };
    expect(
      unknownSettingLines({ ...Object.fromEntries(SETTINGS.map(({ name }) => [name, ''])), ...kubernetes }),
    ).toEqual([]);
  });
});

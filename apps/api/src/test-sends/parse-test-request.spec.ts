import { parseTestRequest } from './parse-test-request';

describe('parseTestRequest', () => {
  it.each(['', '{}', ' { } '])('leaves everything to the webhook and the catalogue when %j says nothing', (text) => {
    expect(parseTestRequest(text)).toEqual({ kind: 'ok', value: { eventType: null, data: null } });
  });

  it('keeps edited data byte for byte', () => {
    const data = '{ "total": 10.00, "id": 9007199254740993, "note": "\\u00e9" }';
    expect(parseTestRequest(`{"data": ${data} }`)).toMatchObject({ kind: 'ok', value: { data } });
  });

  it.each(['order.create', 'webhook.disabled'])('accepts %s, which webhooks can subscribe to', (eventType) => {
    expect(parseTestRequest(JSON.stringify({ eventType }))).toMatchObject({ kind: 'ok', value: { eventType } });
  });

  it('lists every rule that the body breaks', () => {
    const request = parseTestRequest('{"eventType":"order.created","data":[],"url":"https://example.com"}');
    expect(request.kind === 'invalid' && request.fields.map(({ field, rule }) => `${field} ${rule}`)).toEqual([
      'url unknown_property',
      'eventType unknown_event_type',
      'data object',
    ]);
  });

  it('tells a text that is not JSON', () => {
    expect(parseTestRequest('{"data":').kind).toBe('malformed');
  });
});

import { parseEventDetail } from './events';

describe('parseEventDetail', () => {
  const event = { id: 'evt_1', type: 'order.create', deliveries: [{ id: 'dlv_1' }], note: 'a "data": note' };
  const textOf = (data: string) => `${JSON.stringify(event).slice(0, -1)},"data":${data}}`;

  it('keeps the payload as its producer wrote it', () => {
    const data = '{"id":9223372036854775807, "total":10.00,"data":{"data":1}}';
    expect(parseEventDetail(textOf(data))).toEqual({ ...event, data });
  });

  it('knows that a payload is past its retention', () => {
    expect(parseEventDetail(textOf('null')).data).toBeNull();
  });

  it('reads an event that is written in another way', () => {
    expect(parseEventDetail('{"data": {"a": 1}, "id": "evt_1"}').data).toBe('{"a":1}');
  });
});

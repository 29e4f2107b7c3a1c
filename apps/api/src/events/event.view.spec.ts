import type { EventWithData } from '@signpost/database';
import { mintId } from '@signpost/domain';
import fc from 'fast-check';
import { eventDetailJson } from './event.view';

const event: EventWithData = {
  id: mintId('event', Date.UTC(2026, 1, 20)),
  type: 'order.create',
  occurredAt: new Date('2026-02-20T08:15:30.412Z'),
  test: false,
  apiKeyId: null,
  pending: false,
  data: '{}',
};

describe('eventDetailJson', () => {
  it('carries data byte for byte', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), (json) => {
        const data = `{ "id" : 9007199254740993, "total": 10.00, "rest": ${json} }`;
        const text = eventDetailJson({ ...event, data }, {}, []);
        expect(text.endsWith(`,"data":${data}}`)).toBe(true);
        expect(JSON.stringify((JSON.parse(text) as { data: unknown }).data)).toBe(JSON.stringify(JSON.parse(data)));
      }),
    );
  });

  it('says null where the payload is past its retention', () => {
    expect(JSON.parse(eventDetailJson({ ...event, data: null }, {}, []))).toMatchObject({ data: null });
  });

  it('says so when no webhook wanted the event', () => {
    const shown = JSON.parse(eventDetailJson(event, {}, [])) as { note: string };
    expect(shown.note).toContain('No webhook');
  });

  it.each([
    ['its fan-out is pending', { ...event, pending: true }, {}],
    ['it has deliveries', event, { delivered: 1 }],
  ])('says nothing of the kind while %s', (_, row, counts) => {
    expect(JSON.parse(eventDetailJson(row, counts, []))).toMatchObject({ note: null });
  });
});

import type { NewEvent } from '@signpost/delivery';
import { EVENT_TYPES, mintId } from '@signpost/domain';
import fc from 'fast-check';
import type { ReadBody } from '../requests/read-body';
import { parseBatchRequest, parsePublishRequest, type PublishContext } from './parse-publish-request';

const NOW = '2026-02-20T08:15:30.412Z';
const context: PublishContext = { now: NOW, mintEventId: () => mintId('event', Date.parse(NOW)) };

function fieldsOf(request: ReadBody<NewEvent[]>): string[] {
  return request.kind === 'invalid' ? request.fields.map(({ field, rule }) => `${field} ${rule}`) : [request.kind];
}

function messagesOf(request: ReadBody<NewEvent[]>): string {
  return request.kind === 'invalid' ? request.fields.map(({ message }) => message).join('\n') : '';
}

function publish(body: unknown): ReadBody<NewEvent[]> {
  return parsePublishRequest(JSON.stringify(body), context);
}

/** JSON texts as foreign producers write them: any spacing, escapes, numbers beyond what JavaScript keeps. */
const space = fc.constantFrom('', ' ', '\n', '\t', '\r\n  ');
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((value) => JSON.stringify(value)),
  fc.constantFrom('"\\u0000"', '"\\ud800"', '"\\/"', '"\\\\\\""', '"€ 𝒳"', '"}],{["'),
);
const scalar = fc.oneof(
  text,
  fc.constantFrom('10.00', '9007199254740993', '-0', '1e400', '0.1E-7', 'true', 'false', 'null'),
);
const { value: jsonText } = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, tie('object'), listText(tie('value'))),
  object: objectText(tie('value')),
}));
const dataText = objectText(jsonText);

function listText(element: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(element, { maxLength: 3 }), space)
    .map(([elements, gap]) => `[${gap}${elements.join(`${gap},`)}${gap}]`);
}

function objectText(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const member = fc.tuple(text, space, value).map(([name, gap, content]) => `${name}${gap}:${gap}${content}`);
  return fc
    .tuple(fc.array(member, { maxLength: 4 }), space)
    .map(([members, gap]) => `{${gap}${members.join(`${gap},`)}${gap}}`);
}

describe('parsePublishRequest', () => {
  it('keeps data byte for byte, whatever the producer wrote', () => {
    fc.assert(
      fc.property(dataText, space, (data, gap) => {
        const body = `${gap}{"data"${gap}:${gap}${data}${gap},${gap}"type":"order.create"}${gap}`;
        const request = parsePublishRequest(body, context);
        expect(request.kind === 'ok' && request.value.map((event) => event.data)).toEqual([data]);
      }),
    );
  });

  it('gives an event without a timestamp the time of its arrival', () => {
    expect(publish({ type: 'order.create', data: {} })).toMatchObject({ kind: 'ok', value: [{ timestamp: NOW }] });
  });

  it('turns a timestamp with an offset into UTC with milliseconds', () => {
    const request = publish({ type: 'order.create', data: {}, timestamp: '2026-02-20T09:15:30+01:00' });
    expect(request).toMatchObject({ kind: 'ok', value: [{ timestamp: '2026-02-20T08:15:30.000Z' }] });
  });

  it.each(EVENT_TYPES)('accepts the type %s, also written with escapes', (type) => {
    const escaped = `\\u00${type.charCodeAt(0).toString(16)}${type.slice(1)}`;
    expect(parsePublishRequest(`{"type":"${type}","data":{}}`, context)).toMatchObject({
      kind: 'ok',
      value: [{ type }],
    });
    expect(parsePublishRequest(`{"type":"${escaped}","data":{}}`, context)).toMatchObject({
      kind: 'ok',
      value: [{ type }],
    });
  });

  it('lists every rule that the body breaks', () => {
    const request = publish({
      type: 'order.created',
      data: [1],
      timestamp: '2026-02-20',
      id: 'evt_1',
      Type: 'order.create',
    });
    expect(fieldsOf(request)).toEqual([
      'id unknown_property',
      'Type unknown_property',
      'type unknown_event_type',
      'data object',
      'timestamp iso_time',
    ]);
  });

  it('names the types to choose from', () => {
    expect(messagesOf(publish({ data: {} }))).toContain(EVENT_TYPES.join(', '));
  });

  it.each([null, 1, '', {}, 'Order.Create', 'order.create '])('refuses %j as a type', (type) => {
    expect(fieldsOf(publish({ type, data: {} }))).toEqual(['type unknown_event_type']);
  });

  it.each([null, 1, '{}', [], true])('refuses %j as data', (data) => {
    expect(fieldsOf(publish({ type: 'order.create', data }))).toEqual(['data object']);
  });

  it.each([null, 1771575330412, '', '2026-02-20T08:15:30'])('refuses %j as a timestamp', (timestamp) => {
    expect(fieldsOf(publish({ type: 'order.create', data: {}, timestamp }))).toEqual(['timestamp iso_time']);
  });

  it.each(['', '{', '{"type":"order.create","data":{}', "{'type':1}", '{"type":"order.create","data":{}}x'])(
    'says of %j that it is not JSON',
    (body) => {
      expect(parsePublishRequest(body, context).kind).toBe('malformed');
    },
  );

  it.each(['[]', '"order.create"', '1', 'null'])('says of %s that it is not the object it should be', (body) => {
    expect(fieldsOf(parsePublishRequest(body, context))).toEqual([' object']);
  });

  it('names the member that comes twice', () => {
    const body = '{"type":"order.create","type":"order.cancel","data":{}}';
    expect(fieldsOf(parsePublishRequest(body, context))).toEqual(['type repeated_name']);
    const batch = `{"events":[${JSON.stringify({ type: 'order.create', data: {} })},${body}]}`;
    expect(fieldsOf(parseBatchRequest(batch, context))).toEqual(['events[1].type repeated_name']);
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.json()),
        (body) => void parsePublishRequest(body, context),
      ),
    );
  });
});

describe('parseBatchRequest', () => {
  const event = { type: 'order.create', data: { id: 1 } };

  it('keeps the order and the data of its events', () => {
    fc.assert(
      fc.property(fc.array(dataText, { minLength: 1, maxLength: 5 }), (datas) => {
        const events = datas.map((data) => `{"type":"product.update","data":${data}}`).join(' , ');
        const request = parseBatchRequest(`{"events":[${events}]}`, context);
        expect(request.kind === 'ok' && request.value.map(({ data }) => data)).toEqual(datas);
      }),
    );
  });

  it('lists every rule that any event breaks, under its place', () => {
    const events = [event, { ...event, type: 'x' }, 7, { type: 'order.create', extra: 1 }];
    expect(fieldsOf(parseBatchRequest(JSON.stringify({ events, more: 1 }), context))).toEqual([
      'more unknown_property',
      'events[1].type unknown_event_type',
      'events[2] object',
      'events[3].extra unknown_property',
      'events[3].data required',
    ]);
  });

  it.each([1, 100])('accepts %d events', (count) => {
    const request = parseBatchRequest(JSON.stringify({ events: Array.from({ length: count }, () => event) }), context);
    expect(request.kind === 'ok' && request.value).toHaveLength(count);
  });

  it.each([
    [{}, 'events required'],
    [{ events: [] }, 'events array_size'],
    [{ events: {} }, 'events array_size'],
    [{ events: Array.from({ length: 101 }, () => event) }, 'events array_size'],
  ])('refuses a body without 1 to 100 events', (body, problem) => {
    expect(fieldsOf(parseBatchRequest(JSON.stringify(body), context))).toEqual([problem]);
  });
});

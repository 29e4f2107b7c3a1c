import { Webhook } from 'standardwebhooks';
import { answerWith, TestReceiver } from '../support/test-receiver';
import { expectStatus, QUEUE_BACKENDS, TestSystem } from '../support/test-system';

describe.each(QUEUE_BACKENDS)('the main job on the %s queue', (backend) => {
  let system: TestSystem;
  let receiver: TestReceiver;

  beforeAll(async () => {
    system = await TestSystem.start(backend, { SIGNPOST_RETRY_SCHEDULE: '0,300ms,500ms' });
    receiver = await TestReceiver.start();
  });
  afterAll(async () => {
    await system.stop();
    await receiver.close();
  });

  it('delivers a published order, signed with the secret of the key, and records the attempt', async () => {
    await system.createStore('shop');
    const apiKey = await system.createApiKey('shop');
    await system.createWebhook('shop', `${receiver.url}/shop`);
    const data = '{"id": 12345678901234567890, "total": 10.00, "z":1,"a":"\\u00e9 \\ud83d\\ude00 ü"}';

    const event = await system.publish(system.api.as(apiKey), 'shop', data);

    const [request] = await receiver.received(1, ({ path }) => path === '/shop');
    expect(request?.headers['webhook-id']).toBe(event.id);
    expect(request?.body).toContain(`"data":${data}}`);
    expect(() =>
      new Webhook(apiKey.secret).verify(request?.body ?? '', request?.headers as Record<string, string>),
    ).not.toThrow();
    const [delivery] = await system.settled('shop', event.id);
    const shown = await system.delivery('shop', delivery?.id ?? '');
    expect(shown.attempts).toHaveLength(1);
    expect(shown.attempts?.[0]).toMatchObject({ statusCode: 200, trigger: 'schedule', error: null });
  });

  it('retries after a failure, with the same webhook-id and body, until the endpoint takes it', async () => {
    await system.createStore('retry-shop');
    const apiKey = await system.createApiKey('retry-shop');
    await system.createWebhook('retry-shop', `${receiver.url}/retry`);
    let failures = 2;
    receiver.answerWith((request, response, incoming) =>
      answerWith(request.path === '/retry' && failures-- > 0 ? 503 : 200)(request, response, incoming),
    );

    const event = await system.publish(system.api.as(apiKey), 'retry-shop', '{"n":1.50}');

    const requests = await receiver.received(3, ({ path }) => path === '/retry');
    expect(new Set(requests.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event.id]));
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    const [delivery] = await system.settled('retry-shop', event.id);
    const shown = await system.delivery('retry-shop', delivery?.id ?? '');
    expect(shown.attempts?.map(({ statusCode }) => statusCode)).toEqual([503, 503, 200]);
  });

  it('gives up when the schedule ends, and says why', async () => {
    await system.createStore('failing-shop');
    const apiKey = await system.createApiKey('failing-shop');
    const failing = await TestReceiver.start(answerWith(500));
    await system.createWebhook('failing-shop', failing.url);

    const event = await system.publish(system.api.as(apiKey), 'failing-shop', '{}');

    const [delivery] = await system.settled('failing-shop', event.id, ({ status }) => status === 'failed');
    const shown = await system.delivery('failing-shop', delivery?.id ?? '');
    expect(shown.attempts).toHaveLength(3);
    expect(shown.attempts?.[2]?.error?.code).toBe('http_error');
    await failing.close();
  });

  it('delivers an event that hundreds of webhooks want to each of them once, and counts it once', async () => {
    await system.createStore('wide-shop');
    const apiKey = await system.createApiKey('wide-shop');
    const paths = Array.from({ length: 210 }, (_, n) => `/wide/${n}`);
    for (const path of paths) await system.createWebhook('wide-shop', `${receiver.url}${path}`);

    const event = await system.publish(system.api.as(apiKey), 'wide-shop', '{}');

    const requests = await receiver.received(paths.length, ({ path }) => path.startsWith('/wide/'));
    expect(requests.map(({ path }) => path).sort()).toEqual([...paths].sort());
    expect(new Set(requests.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event.id]));
    await system.settled('wide-shop', event.id);
    const stats = await expectStatus(
      200,
      system.api.operator.get<{ totals: { accepted: number } }>('/api/v1/stores/wide-shop/stats'),
    );
    expect(stats.totals.accepted).toBe(1);
  });

  it('says of an event that no webhook wanted that none did', async () => {
    await system.createStore('quiet-shop');
    const apiKey = await system.createApiKey('quiet-shop');
    const event = await system.publish(system.api.as(apiKey), 'quiet-shop', '{}');
    for (;;) {
      const shown = await expectStatus(
        200,
        system.api.operator.get<{ fanOut: string; deliveries: unknown[]; note: string }>(
          `/api/v1/stores/quiet-shop/events/${event.id}`,
        ),
      );
      if (shown.fanOut === 'pending') continue;
      expect(shown).toMatchObject({ fanOut: 'done', deliveries: [], note: expect.stringMatching(/no webhook/i) });
      break;
    }
  });
});

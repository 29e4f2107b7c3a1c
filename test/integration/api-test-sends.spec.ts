import { Webhook } from 'standardwebhooks';
import { answerWith, TestReceiver } from '../support/test-receiver';
import { expectStatus, QUEUE_BACKENDS, TestSystem } from '../support/test-system';

interface Sent {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly statusCode: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly request: { readonly headers: Record<string, string>; readonly body: string };
}

describe.each(QUEUE_BACKENDS)('a test of a webhook on the %s queue', (backend) => {
  let system: TestSystem;
  let receiver: TestReceiver;
  let stores = 0;

  beforeAll(async () => {
    system = await TestSystem.start(backend, { SIGNPOST_RETRY_SCHEDULE: '0,100ms' });
  });
  beforeEach(async () => {
    receiver = await TestReceiver.start();
  });
  afterEach(() => receiver.close());
  afterAll(() => system.stop());

  async function openShop(url = `${receiver.url}/hook`): Promise<{ path: string; webhook: string; secret: string }> {
    const store = `shop-${(stores += 1)}`;
    await system.createStore(store);
    const { secret } = await system.createApiKey(store);
    const { id } = await system.createWebhook(store, url, { events: ['product.update', 'order.create'] });
    return { path: `/api/v1/stores/${store}`, webhook: `/api/v1/stores/${store}/webhooks/${id}`, secret };
  }

  it('sends the sample of the first type, signed, and answers with what the endpoint said', async () => {
    const { path, webhook, secret } = await openShop();
    receiver.answerWith(answerWith(201, { 'x-shop': 'seen' }, 'stored'));

    const sent = await expectStatus(200, system.api.operator.post<Sent>(`${webhook}/test`));

    const [request] = await receiver.received(1);
    expect(request?.headers['webhook-id']).toBe(sent.eventId);
    expect(request?.body).toBe(sent.request.body);
    const verified = new Webhook(secret).verify(request?.body ?? '', request?.headers as Record<string, string>);
    expect(verified).toMatchObject({ type: 'product.update', data: { id: expect.anything() } });
    expect(sent).toMatchObject({
      statusCode: 201,
      headers: { 'x-shop': 'seen' },
      body: 'stored',
      bodyTruncated: false,
      durationMs: expect.any(Number),
      timings: { connectMs: expect.any(Number), firstByteMs: expect.any(Number), totalMs: expect.any(Number) },
      error: null,
      request: { url: `${receiver.url}/hook`, method: 'POST', headers: { 'webhook-id': sent.eventId } },
    });
    const delivery = await expectStatus(200, system.api.operator.get(`${path}/deliveries/${sent.deliveryId}`));
    expect(delivery).toMatchObject({ status: 'delivered', trigger: 'test', attempts: [{ trigger: 'test' }] });
    const event = await expectStatus(200, system.api.operator.get(`${path}/events/${sent.eventId}`));
    expect(event).toMatchObject({ test: true, fanOut: 'done', note: null });
  });

  it('is answered while another store tests an endpoint that hangs, again and again, more often than a worker takes jobs', async () => {
    const [{ webhook: hanging }, { webhook }] = [await openShop(`${receiver.url}/hangs`), await openShop()];
    const unanswered: (() => void)[] = [];
    receiver.answerWith((request, response, incoming) => {
      const answer = (): void => answerWith(200)(request, response, incoming);
      if (request.path === '/hangs') unanswered.push(answer);
      else answer();
    });
    let ended = 0;
    const tests = Array.from({ length: 120 }, () =>
      system.api.operator.post<Sent>(`${hanging}/test`, {}).finally(() => (ended += 1)),
    );
    await receiver.received(120, ({ path }) => path === '/hangs');

    await expectStatus(200, system.api.operator.post<Sent>(`${webhook}/test`, {}));

    expect(ended).toBe(0);
    for (const answer of unanswered) answer();
    await Promise.all(tests);
  });

  it('sends edited data byte for byte', async () => {
    const { webhook } = await openShop();
    const data = '{ "total": 10.00, "id": 9007199254740993, "note": "\\u00e9" }';
    await expectStatus(200, system.api.operator.post(`${webhook}/test`, `{"eventType":"order.create","data":${data}}`));
    const [request] = await receiver.received(1);
    expect(request?.body).toContain(`"type":"order.create"`);
    expect(request?.body.endsWith(`"data":${data}}`)).toBe(true);
  });

  it('tells a failure with its code and a sentence, and never tries again', async () => {
    const { path, webhook } = await openShop();
    receiver.answerWith(answerWith(500, {}, 'no'));

    const sent = await expectStatus(200, system.api.operator.post<Sent>(`${webhook}/test`, {}));

    expect(sent).toMatchObject({ statusCode: 500, body: 'no', error: { code: 'http_error' } });
    expect(sent.error?.message).toMatch(/500 .*\.$/);
    const delivery = await expectStatus(200, system.api.operator.get(`${path}/deliveries/${sent.deliveryId}`));
    expect(delivery).toMatchObject({ status: 'failed', nextAttemptAt: null });
  });

  it('tells what kept it from reaching an endpoint that is not there', async () => {
    const gone = await TestReceiver.start();
    const { url } = gone;
    await gone.close();
    const { webhook } = await openShop(url);
    const sent = await expectStatus(200, system.api.operator.post<Sent>(`${webhook}/test`, {}));
    expect(sent).toMatchObject({ statusCode: null, headers: null, body: null, error: { code: 'connection_refused' } });
  });

  it('works while the webhook is disabled', async () => {
    const { webhook } = await openShop();
    await expectStatus(200, system.api.operator.patch(webhook, { enabled: false }));
    const sent = await expectStatus(200, system.api.operator.post<Sent>(`${webhook}/test`, {}));
    expect(sent).toMatchObject({ statusCode: 200, error: null });
  });
});

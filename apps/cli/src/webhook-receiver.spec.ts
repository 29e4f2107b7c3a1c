import { Webhook } from 'standardwebhooks';
import { type Receipt, receiptLine, WebhookReceiver } from './webhook-receiver';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const BODY = '{"type":"order.create","timestamp":"2026-02-20T08:15:30.412Z","data":{"total":10.00}}';

function signed(body: string, secret: string): Record<string, string> {
  const now = new Date();
  return {
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('evt_1', now, body),
  };
}

describe('WebhookReceiver', () => {
  let receiver: WebhookReceiver;
  let receipts: Receipt[];

  beforeEach(async () => {
    receipts = [];
    receiver = await WebhookReceiver.start({ port: 0, secrets: [SECRET] });
    receiver.onReceipt((receipt) => void receipts.push(receipt));
  });
  afterEach(() => receiver.close());

  async function send(headers: Record<string, string>, body = BODY): Promise<number> {
    const response = await fetch(receiver.url, { method: 'POST', headers, body });
    await response.text();
    return response.status;
  }

  it('accepts what is signed with its secret, and passes it on as it came', async () => {
    expect(await send(signed(BODY, SECRET))).toBe(200);
    expect(receipts).toMatchObject([{ kind: 'verified', webhook: { id: 'evt_1', type: 'order.create', body: BODY } }]);
    expect(receipts.map(receiptLine)).toEqual(['received   order.create evt_1, signature verified ✓']);
  });

  it('refuses what is not', async () => {
    expect(await send(signed(BODY, OTHER_SECRET))).toBe(401);
    expect(await send(signed(BODY, SECRET), BODY.replace('10.00', '1000'))).toBe(401);
    expect(await send({})).toBe(401);
    expect(receipts.map((receipt) => receipt.kind === 'refused' && receipt.reason)).toEqual([
      'no_matching_signature',
      'no_matching_signature',
      'missing_header',
    ]);
  });

  it('trusts another secret from the moment it is told to', async () => {
    receiver.trust([OTHER_SECRET]);
    expect(await send(signed(BODY, OTHER_SECRET))).toBe(200);
    expect(await send(signed(BODY, SECRET))).toBe(401);
  });

  it('takes no other requests', async () => {
    expect((await fetch(receiver.url)).status).toBe(405);
    expect(receipts).toEqual([]);
  });
});

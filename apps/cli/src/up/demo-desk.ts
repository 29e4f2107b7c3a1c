import { errorCode } from '../services/error-code';
import { type DemoRecord, readDemoRecord, writeDemoRecord } from '../local/demo-record';
import type { OperatorApi } from '../operator-api';
import { exampleOrderFile, shownPath } from '../project-paths';
import { type Receipt, receiptLine, WebhookReceiver } from '../webhook-receiver';
import { deliverFirstOrder } from './deliver-first-order';
import { type Demo, ensureDemo } from './ensure-demo';

export interface DemoDeskOptions {
  readonly dataDir: string;
  /** The person's working directory. */
  readonly directory: string;
  readonly say: (line: string) => void;
}

/** When a webhook does not verify, the demo's secret is looked up again, because it may have been rotated; at most this often. */
const LOOK_UP_AGAIN_MS = 5_000;

/** The demo's side of `up`: a receiver that verifies what it gets, and the notes of what was made for it. */
export class DemoDesk {
  /** The bodies of received webhooks by event id, kept only while the first order is on its way. */
  private readonly bodies = new Map<string, string>();
  private readonly waiting = new Map<string, (body: string) => void>();
  private demoRuns: { readonly api: OperatorApi; readonly demo: Demo } | null = null;
  private firstOrderRuns = false;
  private lastLookUpMs = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly options: DemoDeskOptions,
    private record: DemoRecord,
    private readonly receiver: WebhookReceiver,
  ) {
    receiver.onReceipt((receipt) => this.onReceipt(receipt));
  }

  /** Listens on the port of the last time, if it is free, before anything can be sent to it. */
  static async open(options: DemoDeskOptions): Promise<DemoDesk> {
    const record = await readDemoRecord(options.dataDir);
    const secrets = record.secret === undefined ? [] : [record.secret];
    const receiver = await WebhookReceiver.start({ port: record.receiverPort ?? 0, secrets }).catch(
      (error: unknown) => {
        if (errorCode(error) !== 'EADDRINUSE') throw error;
        return WebhookReceiver.start({ port: 0, secrets });
      },
    );
    return new DemoDesk(options, record, receiver);
  }

  /**
   * Makes what is missing of the demo. The first time, it also delivers one order, and tells the person at the terminal each step.
   *
   * @returns null when the settings leave no room for it; `say` was told why
   */
  async run(api: OperatorApi, stop: AbortSignal): Promise<Demo | null> {
    const { say } = this.options;
    const { receiver } = this;
    const outcome = await ensureDemo(api, receiver.url, this.record);
    if (outcome.kind === 'left_out') {
      say(`The demo is left out, because a webhook to ${receiver.url} is refused: ${outcome.reason}`);
      return null;
    }
    const { demo } = outcome;
    receiver.trust([demo.secret]);
    this.demoRuns = { api, demo };
    await this.note({ ...credentialsOf(demo), url: api.url, receiverPort: receiver.port });
    if (demo.isNew || this.record.firstEventId === undefined) await this.showFirstOrder(api, demo, receiver.url, stop);
    return demo;
  }

  async close(): Promise<void> {
    await this.receiver.close();
  }

  private async showFirstOrder(api: OperatorApi, demo: Demo, receiverUrl: string, stop: AbortSignal): Promise<void> {
    const { say, directory } = this.options;
    say('');
    say(`The demo: a store, an API key "Order system", and a webhook to ${receiverUrl}, a receiver in this process.`);
    const file = exampleOrderFile();
    this.firstOrderRuns = true;
    const firstEventId = await deliverFirstOrder({
      api,
      demo,
      file,
      shownFile: shownPath(file, directory),
      receivedBody: (eventId) => this.receivedBody(eventId),
      say: (line) => say(`  ${line}`),
      stop,
    });
    this.firstOrderRuns = false;
    this.bodies.clear();
    await this.note({ firstEventId });
  }

  private onReceipt(receipt: Receipt): void {
    this.options.say(`  ${receiptLine(receipt)}`);
    if (receipt.kind === 'refused') void this.lookUpSecret();
    else if (this.firstOrderRuns) {
      this.bodies.set(receipt.webhook.id, receipt.webhook.body);
      this.waiting.get(receipt.webhook.id)?.(receipt.webhook.body);
    }
  }

  private receivedBody(eventId: string): Promise<string> {
    const body = this.bodies.get(eventId);
    return body === undefined ? new Promise((resolve) => this.waiting.set(eventId, resolve)) : Promise.resolve(body);
  }

  /** Looks the demo's secret up again. The refused webhook will be sent again, and verifies then. */
  private async lookUpSecret(): Promise<void> {
    const nowMs = performance.now();
    if (this.demoRuns === null || nowMs - this.lastLookUpMs < LOOK_UP_AGAIN_MS) return;
    this.lastLookUpMs = nowMs;
    const { api, demo } = this.demoRuns;
    const path = `/api/v1/stores/${demo.store}/api-keys/${demo.apiKeyId}/reveal`;
    const revealed = await api.post<{ secret: string }>(path).catch(() => null);
    if (revealed === null || revealed.secret === this.record.secret) return;
    this.receiver.trust([revealed.secret]);
    await this.note({ secret: revealed.secret });
  }

  private async note(more: DemoRecord): Promise<void> {
    this.record = { ...this.record, ...more };
    await writeDemoRecord(this.options.dataDir, this.record);
  }
}

function credentialsOf({ store, apiKeyId, webhookId, key, secret }: Demo): DemoRecord {
  return { store, apiKeyId, webhookId, key, secret };
}

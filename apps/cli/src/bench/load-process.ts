import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import { answerQuestions } from './answer-questions';
import { machineNowMs } from './machine-now-ms';
import { OrderTemplate } from './order-template';

/** How fast is published. */
export type Pace =
  /** This many events per second, evenly, however long the answers take. */
  | { readonly kind: 'rate'; readonly perSecond: number }
  /** This many requests in flight all the time: when one is answered, the next one is sent. */
  | { readonly kind: 'full'; readonly inFlight: number };

/** A store that events are published to, in turn. */
export interface LoadTarget {
  readonly path: string;
  /** Of an API key of the store. */
  readonly authorization: string;
}

export interface LoadTask {
  readonly apiUrl: string;
  readonly targets: readonly LoadTarget[];
  /** The size of each event's data. */
  readonly dataBytes: number;
  readonly pace: Pace;
  /** How many events one request publishes; more than one are published by the batch call. */
  readonly eventsPerRequest: number;
  readonly durationMs: number;
  /** Publishes no more events than this, even when there is time left. */
  readonly eventsMax: number;
}

/** What was published: the same index is the same event. All times are on the machine's clock. */
export interface LoadResult {
  readonly ids: readonly string[];
  /** When the request was handed to the HTTP client. */
  readonly sentAtMs: Float64Array;
  /** When the 202 had been received. */
  readonly acceptedAtMs: Float64Array;
  /** How many answers were no 202, or no answers at all, by status or error. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly startedAtMs: number;
  /** The same moment by the system's clock, which is PostgreSQL's, in milliseconds since 1970. */
  readonly startedEpochMs: number;
  readonly endedAtMs: number;
}

/** A paced load must not wait for a connection, even when the API takes its time. */
const PACED_CONNECTIONS = 256;

class Load {
  private readonly pool: Pool;
  private readonly template: OrderTemplate;
  private readonly ids: string[] = [];
  private readonly sentAtMs: number[] = [];
  private readonly acceptedAtMs: number[] = [];
  private readonly refusals: Record<string, number> = {};
  private readonly startedAtMs = machineNowMs();
  private readonly startedEpochMs = Date.now();
  private begun = 0;

  constructor(private readonly task: LoadTask) {
    const connections = task.pace.kind === 'full' ? task.pace.inFlight : PACED_CONNECTIONS;
    this.pool = new Pool(task.apiUrl, { connections, pipelining: 1 });
    this.template = new OrderTemplate(task.dataBytes);
  }

  async run(): Promise<LoadResult> {
    const { pace } = this.task;
    if (pace.kind === 'full') await Promise.all(Array.from({ length: pace.inFlight }, () => this.publishInTurn()));
    else await this.publishEvenly(pace.perSecond);
    const endedAtMs = machineNowMs();
    await this.pool.close();
    const { ids, refusals, startedAtMs, startedEpochMs } = this;
    const sentAtMs = Float64Array.from(this.sentAtMs);
    return {
      ids,
      sentAtMs,
      acceptedAtMs: Float64Array.from(this.acceptedAtMs),
      refusals,
      startedAtMs,
      startedEpochMs,
      endedAtMs,
    };
  }

  private get goesOn(): boolean {
    const { durationMs, eventsMax } = this.task;
    return this.begun < eventsMax && machineNowMs() - this.startedAtMs < durationMs;
  }

  private async publishInTurn(): Promise<void> {
    while (this.goesOn) await this.publish();
  }

  private async publishEvenly(perSecond: number): Promise<void> {
    const published: Promise<void>[] = [];
    while (this.goesOn) {
      const dueAtMs = this.startedAtMs + (this.begun * 1_000) / perSecond;
      const waitMs = dueAtMs - machineNowMs();
      if (waitMs > 0) await delay(waitMs);
      published.push(this.publish());
    }
    await Promise.all(published);
  }

  private async publish(): Promise<void> {
    const number = this.begun;
    const count = this.task.eventsPerRequest;
    this.begun += count;
    const target = this.task.targets[(number / count) % this.task.targets.length];
    if (target === undefined) throw new Error('There is nothing to publish to.');
    const sentAtMs = machineNowMs();
    try {
      const path = count === 1 ? target.path : `${target.path}/batch`;
      const body = count === 1 ? this.template.body(number) : this.template.batchBody(number, count);
      const headers = ['authorization', target.authorization, 'content-type', 'application/json'];
      const { statusCode, text } = await answerTo(this.pool, { path, method: 'POST', headers, body });
      if (statusCode === 202) this.accepted(text, sentAtMs);
      else this.refused(String(statusCode));
    } catch (error) {
      this.refused(error instanceof Error ? error.message : String(error));
    }
  }

  private accepted(text: string, sentAtMs: number): void {
    const acceptedAtMs = machineNowMs();
    const answer = JSON.parse(text) as { id: string } | { data: readonly { id: string }[] };
    for (const { id } of 'data' in answer ? answer.data : [answer]) {
      this.acceptedAtMs.push(acceptedAtMs);
      this.sentAtMs.push(sentAtMs);
      this.ids.push(id);
    }
  }

  private refused(reason: string): void {
    this.refusals[reason] = (this.refusals[reason] ?? 0) + 1;
  }
}

/** Makes one request without undici's usual streams: the processor time that the load generator uses is missing for what it measures. */
function answerTo(pool: Pool, request: Dispatcher.DispatchOptions): Promise<{ statusCode: number; text: string }> {
  return new Promise((resolve, reject) => {
    let statusCode = 0;
    let text = '';
    pool.dispatch(request, {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status) => void (statusCode = status),
      onResponseData: (_controller, chunk) => void (text += chunk.toString('latin1')),
      onResponseEnd: () => resolve({ statusCode, text }),
      onResponseError: (_controller, error) => reject(error),
    });
  });
}

answerQuestions((task: LoadTask) => new Load(task).run());

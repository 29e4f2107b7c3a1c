import { randomBytes } from 'node:crypto';
import { composeBody, encodeId, mintId, signedHeaders } from '@signpost/domain';
import { Pool } from 'undici';
import { answerQuestions } from './answer-questions';
import { machineNowMs } from './machine-now-ms';
import { OrderTemplate } from './order-template';

export interface BareLoopTask {
  readonly url: string;
  readonly dataBytes: number;
  /** Requests in flight all the time. */
  readonly concurrency: number;
  /** The time before the measurement, in which requests are not counted. */
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface BareLoopResult {
  readonly requests: number;
  readonly seconds: number;
}

const PATH = '/bare';
const USER_AGENT = 'Signpost-bench';

/**
 * The yardstick: signs as Signpost does and POSTs, as fast as one process can, and nothing else. Nothing is accepted, stored,
 * queued, retried or recorded.
 */
async function runBareLoop(task: BareLoopTask): Promise<BareLoopResult> {
  const pool = new Pool(task.url, { connections: task.concurrency, pipelining: 1 });
  const secrets = [randomBytes(32)];
  const data = new OrderTemplate(task.dataBytes).data(1);
  const countFromMs = machineNowMs() + task.warmUpMs;
  const endMs = countFromMs + task.durationMs;
  let requests = 0;
  const loop = async (): Promise<void> => {
    for (let nowMs = machineNowMs(); nowMs < endMs;) {
      const epochMs = Date.now();
      const body = Buffer.from(composeBody({ type: 'order.create', timestamp: new Date(epochMs).toISOString(), data }));
      const id = encodeId('event', mintId('event', epochMs));
      const timestampSeconds = Math.floor(epochMs / 1_000);
      const headers = signedHeaders({ id, timestampSeconds, body, secrets, userAgent: USER_AGENT });
      const response = await pool.request({ path: PATH, method: 'POST', headers, body });
      await response.body.dump();
      nowMs = machineNowMs();
      if (nowMs >= countFromMs && nowMs < endMs) requests += 1;
    }
  };
  await Promise.all(Array.from({ length: task.concurrency }, loop));
  await pool.close();
  return { requests, seconds: task.durationMs / 1_000 };
}

answerQuestions(runBareLoop);

import type { GroupCommitObserver } from '@signpost/delivery';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Measures the group commit. */
export class PublisherMetrics implements GroupCommitObserver {
  private readonly accepted: Counter;
  private readonly commits: Histogram;
  private readonly unqueued: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.accepted = new Counter({
      name: 'signpost_events_accepted_total',
      help: 'Events that were put on disk.',
      registers,
    });
    this.commits = new Histogram({
      name: 'signpost_publish_commit_duration_seconds',
      help: 'Duration of group commits of published events.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    });
    this.unqueued = new Counter({
      name: 'signpost_publish_enqueue_failures_total',
      help: 'Commits whose jobs could not be added, so that the sweep has to bring their events on their way.',
      registers,
    });
  }

  committed(events: number, durationMs: number): void {
    this.accepted.inc(events);
    this.commits.observe(durationMs / 1_000);
  }

  /** Only counts: the queue itself has logged the reason already. */
  enqueueFailed(): void {
    this.unqueued.inc();
  }
}

import { Anchor, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { WebhookStats } from '../../api/stats';
import type { Recent } from '../../api/time-range';
import { Panel } from '../../ui/panel';
import { Sparkline } from '../../ui/sparkline';
import { UrlText } from '../../ui/url-text';
import classes from './worst-webhooks.module.css';

interface WorstWebhooksProps {
  readonly store: string;
  readonly recent: Recent;
  /** Worst first. */
  readonly webhooks: readonly WebhookStats[];
}

const SHOWN_MAX = 6;

/** Whose attempts fail most often. */
export function WorstWebhooks({ store, recent, webhooks }: WorstWebhooksProps) {
  const shown = webhooks.slice(0, SHOWN_MAX);
  return (
    <Panel title="Webhooks, worst first">
      {shown.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing was sent in this time.
        </Text>
      ) : (
        <ul className={classes.list}>
          {shown.map((webhook) => (
            <Webhook key={webhook.id} {...{ store, recent, webhook }} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Webhook({ store, recent, webhook }: { store: string; recent: Recent; webhook: WebhookStats }) {
  const { id, url, successRate, attempts, failedAttempts, buckets } = webhook;
  const values = buckets.map((bucket) => ({
    good: bucket.attempts - bucket.failedAttempts,
    bad: bucket.failedAttempts,
  }));
  return (
    <li className={classes.webhook}>
      <Anchor
        size="sm"
        className={classes.url}
        lineClamp={2}
        title={url}
        renderRoot={(props) => (
          <Link to="/store/$store/deliveries" params={{ store }} search={{ webhookId: id, recent }} {...props} />
        )}
      >
        <UrlText url={url} />
      </Anchor>
      <Group gap="sm" wrap="nowrap">
        <Sparkline values={values.slice(-24)} label={`${attempts} attempts, ${failedAttempts} failed`} />
        <Text size="sm" fw={600} className={classes.rate}>
          {Math.floor(successRate * 1_000) / 10} %
        </Text>
      </Group>
    </li>
  );
}

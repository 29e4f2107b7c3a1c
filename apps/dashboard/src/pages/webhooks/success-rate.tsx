import { Group, Text } from '@mantine/core';
import type { Stats } from '../../api/stats';
import type { Webhook } from '../../api/webhooks';
import { Sparkline } from '../../ui/sparkline';

const GOOD_RATE = 0.99;

/** The share of attempts in the last 24 hours that arrived. */
export function SuccessRate({ webhook, stats }: { webhook: Webhook; stats: Stats | undefined }) {
  const { attempts, failedAttempts } = webhook.health.last24Hours;
  if (attempts === 0) {
    return (
      <Text size="xs" c="dimmed">
        {'Nothing sent in\u00a024\u00a0h'}
      </Text>
    );
  }
  const rate = (attempts - failedAttempts) / attempts;
  const buckets = stats?.webhooks.find(({ id }) => id === webhook.id)?.buckets ?? [];
  const values = buckets.map((bucket) => ({
    good: bucket.attempts - bucket.failedAttempts,
    bad: bucket.failedAttempts,
  }));
  return (
    <Group gap={6}>
      <Text span size="xs" fw={550} c={rate < GOOD_RATE ? 'var(--mantine-color-red-light-color)' : 'dimmed'}>
        {percent(rate)} in 24 h
      </Text>
      {values.length > 0 && <Sparkline values={values} label={`${attempts} attempts, ${failedAttempts} failed`} />}
    </Group>
  );
}

/** Rounded down, so that only a rate without any failure is 100 %. */
function percent(rate: number): string {
  return `${Math.floor(rate * 1_000) / 10}\u00a0%`;
}

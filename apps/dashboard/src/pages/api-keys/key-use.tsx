import { Badge, Group, Stack, Text, Tooltip } from '@mantine/core';
import { useInViewport } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { keyUsageQuery, type KeyWarning } from '../../api/api-key-usage';
import type { ApiKey } from '../../api/api-keys';
import { Icon } from '../../ui/icon';
import { RelativeTime } from '../../ui/relative-time';
import { Sparkline } from '../../ui/sparkline';
import { callsByDay } from './calls-by-day';
import classes from './key-use.module.css';

const WARNINGS: Readonly<Record<KeyWarning, { readonly label: string; readonly advice: string }>> = {
  unused: { label: 'Unused', advice: 'Nothing has used it for a long time. If nothing needs it, delete it.' },
  old: { label: 'Old secret', advice: 'Its secret is old. Renew it: old and new work side by side for a while.' },
  too_many_permissions: {
    label: 'Too many permissions',
    advice: 'It may do more than it ever did. Take away what it does not need.',
  },
};

/** When a key was used last, how often in the last days, and what is worth a look. */
export function KeyUse({ store, apiKey }: { store: string; apiKey: ApiKey }) {
  const { lastUsedAt, warnings } = apiKey;
  // A store may have hundreds of keys: nothing is fetched for those that are out of sight.
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const usage = useQuery({
    ...keyUsageQuery(store, apiKey.id),
    enabled: lastUsedAt !== null && inViewport,
    retry: false,
  });
  return (
    <Stack gap={4} ref={ref}>
      <Group gap="xs">
        <Text span size="sm" className={classes.time}>
          <RelativeTime at={lastUsedAt} />
        </Text>
        {usage.isSuccess && <Calls days={callsByDay(usage.data.buckets, usage.dataUpdatedAt)} />}
      </Group>
      {warnings.map((warning) => (
        <Tooltip key={warning} label={WARNINGS[warning].advice}>
          <Badge color="orange" leftSection={<Icon name="alert-triangle" size={12} />} tabIndex={0}>
            {WARNINGS[warning].label}
          </Badge>
        </Tooltip>
      ))}
    </Stack>
  );
}

function Calls({ days }: { days: ReturnType<typeof callsByDay> }) {
  const refusals = days.reduce((sum, { bad }) => sum + bad, 0);
  const allowed = days.reduce((sum, { good }) => sum + good, 0).toLocaleString('en');
  const refused = refusals.toLocaleString('en');
  return (
    <>
      <Sparkline values={days} label={`${allowed} calls in the last ${days.length} days, ${refused} refused`} />
      {refusals > 0 && (
        <Text span size="xs" className={classes.time} c="var(--mantine-color-red-light-color)">
          {refused} refused
        </Text>
      )}
    </>
  );
}

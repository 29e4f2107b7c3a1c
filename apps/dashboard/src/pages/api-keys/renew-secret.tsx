import { Alert, Button, Group, Select, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiKey, apiKeysQuery, rotateSecret } from '../../api/api-keys';
import { isOutcomeUnknown } from '../../api/problem-error';
import { useIdentity } from '../../session/identity';
import { useStore } from '../../session/use-me';
import { Icon } from '../../ui/icon';
import { ProblemNotice } from '../../ui/problem-notice';
import { exactTime } from '../../ui/time-text';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';
import { NewCredentials } from './new-credentials';

const HOUR = 3_600;
const AT_ONCE = '0';
const OVERLAPS = [
  { value: AT_ONCE, label: 'End it at once' },
  { value: String(HOUR), label: '1 hour' },
  { value: String(24 * HOUR), label: '1 day' },
  { value: String(3 * 24 * HOUR), label: '3 days' },
  { value: String(7 * 24 * HOUR), label: '7 days' },
];

/** While this mutation runs the dialog stays open: it will show the new secret. */
export const RENEWAL = ['renew-secret'];

interface RenewSecretProps {
  readonly apiKey: ApiKey;
  /** Hears whether there is a new secret that was not copied yet. */
  readonly onUncopied: (uncopied: boolean) => void;
}

/** Replaces a secret. For a while the old one stays valid beside the new one, so that receivers need not change at the same moment. */
export function RenewSecret({ apiKey, onUncopied }: RenewSecretProps) {
  const { key: store } = useStore();
  const withIdentity = useIdentity();
  const queryClient = useQueryClient();
  const [overlap, setOverlap] = useState(String(24 * HOUR));
  // The key as it is by now: somebody else may have renewed its secret, or an answer was lost.
  const current = useQuery(apiKeysQuery(store)).data?.find(({ id }) => id === apiKey.id) ?? apiKey;
  const renewal = useMutation({
    mutationKey: RENEWAL,
    mutationFn: () => withIdentity(() => rotateSecret(store, apiKey.id, Number(overlap))),
    onSuccess: () => void queryClient.invalidateQueries(apiKeysQuery(store)),
  });
  const { ref } = useFocusOnRefusal<HTMLDivElement>(renewal.error);
  return (
    <Stack gap="sm" component="section" aria-label="Renew secret" ref={ref}>
      <Title order={2} size="h4">
        Renew secret
      </Title>
      <WhatSigns until={(renewal.data ?? current).previousSecretUntil} />
      {renewal.isSuccess ? (
        <NewCredentials secret={renewal.data.secret} onCopied={() => onUncopied(false)} />
      ) : (
        <Group align="flex-end">
          <Select
            label="Keep the old secret for"
            data={OVERLAPS}
            value={overlap}
            onChange={(chosen) => setOverlap(chosen ?? overlap)}
            allowDeselect={false}
          />
          <Button
            variant="default"
            leftSection={<Icon name="refresh" size={16} />}
            loading={renewal.isPending}
            onClick={() => renewal.mutate(undefined, { onSuccess: () => onUncopied(true) })}
          >
            Renew secret
          </Button>
        </Group>
      )}
      {!renewal.isSuccess && overlap === AT_ONCE && <EndsAtOnce />}
      {renewal.isError && <ProblemNotice error={renewal.error} />}
      {isOutcomeUnknown(renewal.error) && <MayBeRenewed />}
    </Stack>
  );
}

/** Warns beforehand: this cannot be undone. */
function EndsAtOnce() {
  return (
    <Alert role="alert" color="orange" variant="light" icon={<Icon name="alert-triangle" />}>
      Programs and receivers that still use the old secret fail at once: what they publish is refused, and what they
      receive does not verify.
    </Alert>
  );
}

/** Said when the answer was lost, and with it the new secret: the server may have renewed it. */
function MayBeRenewed() {
  return (
    <Alert
      role="alert"
      color="orange"
      variant="light"
      icon={<Icon name="alert-triangle" />}
      title="The secret may have been renewed"
    >
      Reveal it in the list, and compare it with the one that your programs have, before you renew it again.
    </Alert>
  );
}

function WhatSigns({ until }: { until: string | null }) {
  const [nowMs] = useState(() => Date.now());
  const both = until !== null && Date.parse(until) > nowMs;
  if (!both) {
    return (
      <Text size="sm" c="dimmed">
        One secret signs and authenticates. When you renew it, messages carry the signatures of both for as long as you
        choose.
      </Text>
    );
  }
  return (
    <Alert color="blue" variant="light" icon={<Icon name="info-circle" />} role="status">
      Until {exactTime(until)} the old and the new secret both sign and authenticate; from then on only the new one
      does. If you renew it once more before then, the old one ends at once.
    </Alert>
  );
}

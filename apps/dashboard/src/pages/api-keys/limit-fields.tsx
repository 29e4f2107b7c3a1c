import { NumberInput, Stack, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { Disclosure } from '../../ui/disclosure';
import { LATEST_LOCAL_TIME } from '../../ui/local-time';
import type { ApiKeyValues } from './api-key-values';

const LIMITS = ['expiresAt', 'allowedCidrs', 'rateLimit'] as const;

/** The limits of a key; few keys need any. */
export function LimitFields({ form }: { form: UseFormReturnType<ApiKeyValues> }) {
  const initial = form.getInitialValues();
  return (
    <Disclosure
      label="Limits"
      initiallyOpened={LIMITS.some((limit) => initial[limit] !== '')}
      heldOpen={LIMITS.some((limit) => form.errors[limit] !== undefined)}
    >
      <Stack pt="xs">
        <TextInput
          label="Expires"
          description="From then on it neither authenticates nor signs. Empty: it does not expire."
          type="datetime-local"
          max={LATEST_LOCAL_TIME}
          {...form.getInputProps('expiresAt')}
        />
        <Textarea
          label="Allowed networks"
          description="Where it may be used from, one to a line, such as 203.0.113.0/24. Empty: from anywhere."
          autosize
          minRows={2}
          maxRows={6}
          spellCheck={false}
          {...form.getInputProps('allowedCidrs')}
        />
        <NumberInput
          label="Requests per second"
          description="At most. Empty: as many as whoever runs Signpost has set."
          min={1}
          max={10_000}
          allowDecimal={false}
          {...form.getInputProps('rateLimit')}
        />
      </Stack>
    </Disclosure>
  );
}

import { Stack, Switch, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { isoTime } from '../../ui/local-time';
import { exactTime } from '../../ui/time-text';
import type { ApiKeyValues } from './api-key-values';
import { keyState } from './key-state';
import { LimitFields } from './limit-fields';
import { PermissionMatrix } from './permission-matrix';

interface ApiKeyFieldsProps {
  readonly form: UseFormReturnType<ApiKeyValues>;
  /** Says what happens to the webhooks that the key signs, while it is switched off. */
  readonly whileOff?: string;
}

/** What a person decides about a key. */
export function ApiKeyFields({ form, whileOff = '' }: ApiKeyFieldsProps) {
  const values = form.getValues();
  const { error } = form.getInputProps('permissions') as { error?: string };
  return (
    <Stack>
      <TextInput
        label="Description"
        placeholder="Mobile App Integration"
        description="Which program uses it, so that you know it later."
        maxLength={500}
        data-autofocus
        {...form.getInputProps('description')}
      />
      <PermissionMatrix
        value={values.permissions}
        onChange={(chosen) => form.setFieldValue('permissions', chosen)}
        error={error}
      />
      <Switch
        label="Activated"
        description={whatItDoes(values, whileOff)}
        {...form.getInputProps('activated', { type: 'checkbox' })}
      />
      <LimitFields form={form} />
    </Stack>
  );
}

function whatItDoes({ activated, expiresAt: local }: ApiKeyValues, whileOff: string): string {
  const expiresAt = isoTime(local);
  const state = keyState({ activated, expiresAt });
  if (state === 'activated') return 'It authenticates and signs.';
  const expired = state === 'expired' && expiresAt !== null ? `It expired on ${exactTime(expiresAt)}. ` : '';
  return `${expired}It neither authenticates nor signs. ${whileOff}`.trim();
}

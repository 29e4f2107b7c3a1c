import { Stack, Switch, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { Permission } from '../../api/api-keys';
import { PermissionMatrix } from './permission-matrix';

export interface ApiKeyValues {
  readonly description: string;
  readonly permissions: Permission[];
  readonly activated: boolean;
}

interface ApiKeyFieldsProps {
  readonly form: UseFormReturnType<ApiKeyValues>;
  /** Said when the switch is off: what becomes of what the key signs. */
  readonly whenOff?: string;
}

/** What a person decides about a key. */
export function ApiKeyFields({ form, whenOff }: ApiKeyFieldsProps) {
  const { permissions, activated } = form.getValues();
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
        value={permissions}
        onChange={(chosen) => form.setFieldValue('permissions', chosen)}
        error={error}
      />
      <Switch
        label="Activated"
        description={activated ? 'It authenticates and signs.' : (whenOff ?? 'It neither authenticates nor signs.')}
        {...form.getInputProps('activated', { type: 'checkbox' })}
      />
    </Stack>
  );
}

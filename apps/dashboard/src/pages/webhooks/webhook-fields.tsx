import { MultiSelect, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { apiKeysQuery } from '../../api/api-keys';
import { type EventType, eventTypesQuery, type EventTypeName } from '../../api/webhooks';
import { useMe, useStore } from '../../session/use-me';
import { capitalized } from '../../ui/capitalized';
import { keyName } from '../api-keys/key-name';
import { keyState } from '../api-keys/key-state';
import { SamplePreview } from './sample-preview';
import { urlAdvice } from './url-advice';

export interface WebhookValues {
  readonly url: string;
  readonly events: EventTypeName[];
  /** Null: the store's oldest active key. */
  readonly apiKeyId: string | null;
  readonly description: string;
  /** Requests per second; empty is unlimited. */
  readonly rateLimit: number | string;
}

type WebhookForm = UseFormReturnType<WebhookValues>;

/** What a person decides about a webhook. */
export function WebhookFields({ form }: { form: WebhookForm }) {
  const types = useQuery(eventTypesQuery).data ?? [];
  return (
    <Stack>
      <UrlField form={form} />
      <MultiSelect
        label="Event type"
        data={groupsOf(types)}
        searchable
        clearable
        hidePickedOptions
        nothingFoundMessage="No such event type"
        placeholder={form.getValues().events.length === 0 ? 'Choose what it hears of' : undefined}
        {...form.getInputProps('events')}
      />
      <SamplePreview types={types} chosen={form.getValues().events} />
      <SigningKeyField form={form} />
      <TextInput label="Description" maxLength={500} {...form.getInputProps('description')} />
      <NumberInput
        label="Requests per second"
        description="At most; empty is as many as come."
        min={1}
        max={10_000}
        allowDecimal={false}
        {...form.getInputProps('rateLimit')}
      />
    </Stack>
  );
}

function UrlField({ form }: { form: WebhookForm }) {
  const advice = urlAdvice(form.getValues().url);
  return (
    <TextInput
      label="URL"
      type="url"
      inputMode="url"
      placeholder="https://"
      maxLength={2_048}
      required
      withAsterisk={false}
      data-autofocus
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      description={
        advice?.kind === 'warning' && (
          <Text span inherit c="var(--mantine-color-orange-light-color)" role="status">
            {advice.text}
          </Text>
        )
      }
      {...form.getInputProps('url')}
    />
  );
}

function SigningKeyField({ form }: { form: WebhookForm }) {
  const { key: store } = useStore();
  const { portal } = useMe();
  const keys = useQuery({ ...apiKeysQuery(store), enabled: !portal }).data;
  if (portal) return null;
  const data = (keys ?? []).map((apiKey) => {
    const state = keyState(apiKey);
    return { value: apiKey.id, label: `${keyName(apiKey)}${state === 'activated' ? '' : ` (${state})`}` };
  });
  return (
    <Select
      label="Signing key"
      description="Its secret signs each message, so that the receiver can tell that it is yours."
      data={data}
      placeholder="The oldest that is activated"
      searchable
      clearable={form.getInitialValues().apiKeyId === null}
      {...form.getInputProps('apiKeyId')}
    />
  );
}

interface Group {
  readonly group: string;
  readonly items: { readonly value: EventTypeName; readonly label: string }[];
}

/** Types of one resource together; what Signpost says of itself comes last. */
function groupsOf(types: readonly EventType[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { type, title, resource } of types) {
    const name = resource ?? 'Signpost';
    const group = groups.get(name) ?? { group: capitalized(name), items: [] };
    group.items.push({ value: type, label: title });
    groups.set(name, group);
  }
  return [...groups.values()];
}

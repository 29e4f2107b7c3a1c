import { MultiSelect, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { type EventType, eventTypesQuery, type EventTypeName } from '../../api/webhooks';
import { useMe } from '../../session/use-me';
import { capitalized } from '../../ui/capitalized';
import { ProblemNotice } from '../../ui/problem-notice';
import { SamplePreview } from './sample-preview';
import { SigningKeyField } from './signing-key-field';
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

const TWIN = 'Another webhook sends such events to this URL already: the receiver would get each of them twice.';

/** Room to search in beside one event type on a phone, instead of a line below it. */
const FIELD_WIDTH_MIN = '3rem';

interface WebhookFieldsProps {
  readonly form: WebhookForm;
  /** Whether another webhook sends some of the chosen events to the same URL. */
  readonly hasTwin: boolean;
}

/** What a person decides about a webhook. */
export function WebhookFields({ form, hasTwin }: WebhookFieldsProps) {
  const { portal } = useMe();
  return (
    <Stack>
      <UrlField form={form} hasTwin={hasTwin} />
      <EventTypesField form={form} />
      {!portal && (
        <SigningKeyField clearable={form.getInitialValues().apiKeyId === null} input={form.getInputProps('apiKeyId')} />
      )}
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

function UrlField({ form, hasTwin }: WebhookFieldsProps) {
  const advice = urlAdvice(form.getValues().url);
  const warning = hasTwin ? TWIN : advice?.kind === 'warning' && advice.text;
  return (
    <TextInput
      label="URL"
      type="url"
      inputMode="url"
      placeholder="https://shop.example.com/hooks"
      required
      withAsterisk={false}
      data-autofocus
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      description={
        warning !== false && (
          <Text span inherit c="var(--mantine-color-orange-light-color)" role="status">
            {warning}
          </Text>
        )
      }
      {...form.getInputProps('url')}
    />
  );
}

function EventTypesField({ form }: { form: WebhookForm }) {
  const types = useQuery(eventTypesQuery);
  const chosen = form.getValues().events;
  if (types.isLoadingError) return <ProblemNotice error={types.error} onRetry={() => void types.refetch()} />;
  return (
    <>
      <MultiSelect
        label="Event type"
        data={groupsOf(types.data ?? [])}
        searchable
        clearable
        nothingFoundMessage="No such event type"
        placeholder={chosen.length === 0 ? 'Choose what it hears of' : undefined}
        styles={{ inputField: { minWidth: FIELD_WIDTH_MIN } }}
        {...form.getInputProps('events')}
      />
      <SamplePreview types={types.data ?? []} chosen={chosen} />
    </>
  );
}

interface Group {
  readonly group: string;
  readonly items: { readonly value: EventTypeName; readonly label: string }[];
}

/** Groups types by resource; the events that Signpost itself publishes come last. */
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

import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ApiKey, apiKeysQuery } from '../../api/api-keys';
import { useStore } from '../../session/use-me';
import { ProblemNotice } from '../../ui/problem-notice';
import { keyName } from '../api-keys/key-name';
import { keyState } from '../api-keys/key-state';

interface SigningKeyFieldProps {
  /** Whether the choice may be left to Signpost. */
  readonly clearable: boolean;
  /** Value, error and what hears of changes, as a form has them. */
  readonly input: object;
}

const WHAT_FOR = 'Its secret signs each message, so that the receiver can tell that it is yours.';
const NONE = 'Nothing is sent unsigned: add a key, or activate one, under Settings → API.';

/** Asks for the key whose secret signs; says so where the store has none that could. */
export function SigningKeyField({ clearable, input }: SigningKeyFieldProps) {
  const { key: store } = useStore();
  const keys = useQuery(apiKeysQuery(store));
  if (keys.isLoadingError) return <ProblemNotice error={keys.error} onRetry={() => void keys.refetch()} />;
  const none = keys.data?.every((apiKey) => keyState(apiKey) !== 'activated') === true;
  return (
    <Select
      label="Signing key"
      description={none ? NONE : WHAT_FOR}
      data={(keys.data ?? []).map(choiceOf)}
      placeholder={none ? 'The store has none that is activated' : 'The oldest that is activated'}
      searchable
      clearable={clearable}
      {...input}
    />
  );
}

function choiceOf(apiKey: ApiKey): { value: string; label: string } {
  const state = keyState(apiKey);
  return { value: apiKey.id, label: `${keyName(apiKey)}${state === 'activated' ? '' : ` (${state})`}` };
}

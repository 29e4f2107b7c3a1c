import { Stack } from '@mantine/core';
import { CopyField } from '../../ui/copy-field';

/** Said to those who leave without having copied a secret. */
export const UNCOPIED_SECRET = {
  what: 'secret',
  warning: 'Your program needs it. Later it can be revealed in the list; the audit log then notes by whom.',
};

interface NewCredentialsProps {
  /** Only the secret where the key stays as it is. */
  readonly apiKey?: string;
  readonly secret: string;
  readonly onCopied: () => void;
}

/** A key and a secret in clear, to be copied now. */
export function NewCredentials({ apiKey, secret, onCopied }: NewCredentialsProps) {
  return (
    <Stack gap="sm">
      {apiKey !== undefined && <CopyField label="API Key" value={apiKey} />}
      <CopyField label="API Secret" value={secret} autoFocus={apiKey === undefined} onCopied={onCopied} />
    </Stack>
  );
}

import { Alert, Button, Group, Stack } from '@mantine/core';
import { CopyField } from '../../ui/copy-field';
import { Icon } from '../../ui/icon';

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
      <CopyField label="API Secret" value={secret} onCopied={onCopied} />
    </Stack>
  );
}

interface LeaveWarningProps {
  readonly onStay: () => void;
  readonly onLeave: () => void;
}

/** Asked of those who leave without having copied the secret. */
export function LeaveWarning({ onStay, onLeave }: LeaveWarningProps) {
  return (
    <Alert
      role="alert"
      color="orange"
      variant="light"
      icon={<Icon name="alert-triangle" />}
      title="You have not copied the secret"
    >
      <Stack gap="sm">
        Your program needs it. Later it can be revealed in the list; the audit log then notes by whom.
        <Group gap="xs">
          <Button size="xs" onClick={onStay} autoFocus>
            Back to the secret
          </Button>
          <Button size="xs" variant="default" onClick={onLeave}>
            Leave without it
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

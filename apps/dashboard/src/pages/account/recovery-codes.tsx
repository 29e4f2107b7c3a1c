import { Button, Group, Stack, Text } from '@mantine/core';
import { CodeBlock } from '../../ui/code-block';

interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}

/** Recovery codes, seen this once. */
export function RecoveryCodes({ codes, onDone }: RecoveryCodesProps) {
  return (
    <Stack>
      <Text size="sm" role="status">
        Keep these recovery codes where only you find them. Each signs you in once when you are without the app. They
        are not shown again.
      </Text>
      <CodeBlock name="recovery codes" text={codes.join('\n')} />
      <Group justify="flex-end">
        <Button onClick={onDone} autoFocus>
          I have kept them
        </Button>
      </Group>
    </Stack>
  );
}

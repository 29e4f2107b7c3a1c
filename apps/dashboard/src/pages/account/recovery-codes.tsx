import { Button, Group, Stack, Text } from '@mantine/core';
import { CodeBlock } from '../../ui/code-block';

/** While this mutation runs the dialog stays open: it will show the codes. */
export const MAKING_CODES = ['make-recovery-codes'];

/** What a dialog does for who makes recovery codes in it. */
export interface RecoveryCodesActs {
  readonly onDone: () => void;
  /** Hears whether there are codes that nobody has kept yet. */
  readonly onUncopied: (uncopied: boolean) => void;
}

interface RecoveryCodesProps extends RecoveryCodesActs {
  readonly codes: readonly string[];
}

/** Recovery codes, seen this once. */
export function RecoveryCodes({ codes, onDone, onUncopied }: RecoveryCodesProps) {
  const kept = () => {
    onUncopied(false);
    onDone();
  };
  return (
    <Stack>
      <Text size="sm" role="status">
        Keep these recovery codes where only you find them. Each signs you in once when you are without the app. They
        are not shown again.
      </Text>
      <CodeBlock name="recovery codes" text={codes.join('\n')} onCopied={() => onUncopied(false)} />
      <Group justify="flex-end">
        <Button onClick={kept} autoFocus>
          I have kept them
        </Button>
      </Group>
    </Stack>
  );
}

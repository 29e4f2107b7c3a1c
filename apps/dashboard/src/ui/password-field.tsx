import { PasswordInput, type PasswordInputProps } from '@mantine/core';

/** Asks for a password. Screen readers hear that it is wrong, as they do of other fields. */
export function PasswordField(props: PasswordInputProps) {
  return <PasswordInput aria-invalid={Boolean(props.error) || undefined} {...props} />;
}

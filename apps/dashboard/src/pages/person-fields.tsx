import { TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { NEW_PASSWORD_HINT } from '../session/new-password';
import { PasswordField } from '../ui/password-field';

interface NewPerson {
  readonly name: string;
  readonly password: string;
}

/** The fields that make a person, beside the mail address. */
export function PersonFields<Values extends NewPerson>({ form }: { form: UseFormReturnType<Values> }) {
  return (
    <>
      <TextInput
        label="Name"
        autoComplete="name"
        required
        withAsterisk={false}
        key={form.key('name')}
        {...form.getInputProps('name')}
      />
      <PasswordField
        label="Password"
        description={NEW_PASSWORD_HINT}
        autoComplete="new-password"
        required
        withAsterisk={false}
        key={form.key('password')}
        {...form.getInputProps('password')}
      />
    </>
  );
}

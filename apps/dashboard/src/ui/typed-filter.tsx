import { TextInput } from '@mantine/core';
import { filterWidth } from './filter-width';
import { useTyped } from './use-typed';

interface TypedFilterProps {
  readonly label: string;
  readonly value: string;
  /** What is typed takes effect with Enter, or when one leaves the field. */
  readonly onChange: (value: string) => void;
  readonly width?: number;
  readonly inputMode?: 'numeric';
}

/** Asks for a text to filter by. */
export function TypedFilter({ label, value, onChange, width = 150, inputMode }: TypedFilterProps) {
  const { shown, type, commit } = useTyped(value, (typed) => onChange(typed.trim()));
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      inputMode={inputMode}
      {...filterWidth(width)}
      value={shown}
      onChange={(event) => type(event.currentTarget.value)}
      {...commit}
    />
  );
}

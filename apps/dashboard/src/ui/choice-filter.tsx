import { Select } from '@mantine/core';
import { filterWidth } from './filter-width';

interface ChoiceFilterProps<Value extends string> {
  readonly label: string;
  readonly choices: readonly { readonly value: Value; readonly label: string }[];
  /** Undefined: it does not matter. */
  readonly value: string | undefined;
  readonly onChange: (value: Value | undefined) => void;
  readonly width?: number;
}

/** Asks for one of a few values to filter by. */
export function ChoiceFilter<Value extends string>(props: ChoiceFilterProps<Value>) {
  const { label, choices, value, onChange, width = 160 } = props;
  return (
    <Select
      aria-label={label}
      placeholder={label}
      {...filterWidth(width)}
      clearable
      clearButtonProps={{ 'aria-label': `Any ${label.toLowerCase()}` }}
      searchable={choices.length > 8}
      data={[...choices]}
      value={value ?? null}
      onChange={(chosen) => onChange(choices.find((choice) => choice.value === chosen)?.value)}
    />
  );
}

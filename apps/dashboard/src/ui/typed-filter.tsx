import { TextInput } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';
import { filterWidth } from './filter-width';

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
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    if (typed !== null && typed.trim() !== value) onChange(typed.trim());
    setTyped(null);
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      inputMode={inputMode}
      {...filterWidth(width)}
      value={typed ?? value}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

import { type KeyboardEvent, useState } from 'react';

/**
 * Keeps what is typed into a field until it takes effect: with Enter, or when the focus leaves the field.
 *
 * @param value - what the field holds while nothing is typed
 * @param onChange - hears of the typed value when it differs
 * @returns what the field shows, what hears of typing, and what to spread over the field
 */
export function useTyped(value: string, onChange: (typed: string) => void) {
  const [typed, setTyped] = useState<string | null>(null);
  const take = () => {
    if (typed !== null && typed !== value) onChange(typed);
    setTyped(null);
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'Enter') take();
  };
  return { shown: typed ?? value, type: setTyped, commit: { onBlur: take, onKeyDown } };
}

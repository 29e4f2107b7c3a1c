import { TextInput } from '@mantine/core';
import { CopyButton } from './copy-button';

interface CopyFieldProps {
  /** What it is, and for the button: "Copy {label}". */
  readonly label: string;
  readonly value: string;
  /** Whether it takes the focus when it appears, selected as a whole, and so comes into sight. */
  readonly autoFocus?: boolean;
  /** Hears that all of it was copied, by the button or by hand. */
  readonly onCopied?: () => void;
}

/** In a line of 14 px, Chromium cuts off the underscores of DejaVu Sans Mono: `spk_…` would be read as two words. */
const PROGRAM_TEXT = { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' };

/** A value of a program in a line, to be copied as a whole. */
export function CopyField({ label, value, autoFocus, onCopied }: CopyFieldProps) {
  return (
    <TextInput
      label={label}
      value={value}
      readOnly
      autoFocus={autoFocus}
      data-to-copy={onCopied !== undefined || undefined}
      styles={{ input: PROGRAM_TEXT }}
      rightSection={<CopyButton of={label} text={value} onCopied={onCopied} />}
      onFocus={(event) => event.currentTarget.select()}
      onCopy={({ currentTarget: { selectionStart, selectionEnd } }) => {
        if (selectionStart === 0 && selectionEnd === value.length) onCopied?.();
      }}
    />
  );
}

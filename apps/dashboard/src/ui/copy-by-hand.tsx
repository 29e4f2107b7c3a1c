import { Popover, Textarea } from '@mantine/core';

interface CopyByHandProps {
  readonly text: string;
  /** Hears that all of it was copied. */
  readonly onCopied: () => void;
  readonly onClose: () => void;
}

/** Shows a text that the browser did not let the page copy, selected, so that a key copies it. */
export function CopyByHand({ text, onCopied, onClose }: CopyByHandProps) {
  return (
    <Popover opened onDismiss={onClose} position="bottom-end" width={320} shadow="md" trapFocus withRoles={false}>
      <Popover.Target>
        <span />
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label="Copy it by hand">
        <Textarea
          label="Copy it by hand"
          description="The browser does not let this page copy. All of it is selected: press Ctrl+C, or ⌘C."
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', overflowWrap: 'anywhere' } }}
          value={text}
          readOnly
          autosize
          maxRows={8}
          data-autofocus
          // Escape closes this, and not the dialog below it.
          data-mantine-stop-propagation="true"
          onFocus={(event) => event.currentTarget.select()}
          onCopy={({ currentTarget: { selectionStart, selectionEnd } }) => {
            if (selectionStart === 0 && selectionEnd === text.length) onCopied();
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

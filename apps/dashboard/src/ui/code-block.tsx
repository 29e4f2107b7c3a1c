import { CopyButton } from './copy-button';
import classes from './code-block.module.css';

interface CodeBlockProps {
  /** What it is, for screen readers and for the button: "Copy {name}". */
  readonly name: string;
  /** Shown as it is: nothing in it is interpreted. */
  readonly text: string;
  /** What is copied; the text itself, when absent. */
  readonly copied?: string;
  readonly onCopied?: () => void;
}

/** A text of a program, to read and to copy. */
export function CodeBlock({ name, text, copied = text, onCopied }: CodeBlockProps) {
  return (
    <div className={classes.block}>
      <div className={classes.copy}>
        <CopyButton of={name} text={copied} onCopied={onCopied} />
      </div>
      {/* What scrolls can be reached with the keyboard. */}
      <pre
        className={classes.text}
        tabIndex={0}
        role="region"
        aria-label={name}
        data-to-copy={onCopied !== undefined || undefined}
      >
        {text}
      </pre>
    </div>
  );
}

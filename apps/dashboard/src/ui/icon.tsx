import { rem } from '@mantine/core';
import { ICON_PATHS, type IconName } from './icon-paths';

interface IconProps {
  readonly name: IconName;
  /** Width and height in pixels, where the text beside it has its usual size. */
  readonly size?: number;
  /** What it says to those who do not see it; without, it is decoration beside a text. */
  readonly label?: string;
  readonly color?: string;
}

/** An outline in the colour of the text around it. */
export function Icon({ name, size = 18, label, color }: IconProps) {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ width: rem(size), height: rem(size), flexShrink: 0, color }}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}

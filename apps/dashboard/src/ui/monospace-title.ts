/** The title of a drawer that shows something with the name of a program's. */
export const MONOSPACE_TITLE = {
  title: { fontFamily: 'var(--mantine-font-family-monospace)', fontWeight: 650, fontSize: '1.05rem' },
} as const;

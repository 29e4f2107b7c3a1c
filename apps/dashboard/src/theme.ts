import {
  Badge,
  Button,
  createTheme,
  type CSSVariablesResolver,
  Drawer,
  type MantineColorsTuple,
  Menu,
  Modal,
  Notification,
  Table,
  TextInput,
  Tooltip,
} from '@mantine/core';

const signpost: MantineColorsTuple = [
  '#eef0ff',
  '#dde1ff',
  '#b9c0fd',
  '#939df9',
  '#7480f3',
  '#5c68ea',
  '#4650dd',
  '#3a43bf',
  '#2f379b',
  '#252b78',
];

const gray: MantineColorsTuple = [
  '#f8f9fb',
  '#f1f3f6',
  '#e6e9ee',
  '#d8dde5',
  '#c2c9d4',
  '#9aa4b4',
  '#6a7486',
  '#4c5566',
  '#333b49',
  '#1b212b',
];

const dark: MantineColorsTuple = [
  '#d5d9e2',
  '#b4bac8',
  '#9aa1b2',
  '#6d7588',
  '#3c4353',
  '#2e3442',
  '#232834',
  '#1a1e28',
  '#13161e',
  '#0d0f15',
];

/** Colours whose light variant carries text: dark enough to read on their tint by day, light enough by night. */
const TINTED = ['signpost', 'gray', 'red', 'orange', 'yellow', 'green', 'teal', 'blue'] as const;

const MONOSPACE = 'ui-monospace, SFMono-Regular, Menlo, "Cascadia Mono", "DejaVu Sans Mono", Consolas, monospace';
const SANS = 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** The header of a dialog must not count as the banner of the page. */
const PLAIN_HEADER = { header: { role: 'presentation' } } as const;

export const theme = createTheme({
  primaryColor: 'signpost',
  primaryShade: { light: 6, dark: 5 },
  colors: { signpost, gray, dark },
  fontFamily: SANS,
  fontFamilyMonospace: MONOSPACE,
  headings: {
    fontFamily: SANS,
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.5rem', lineHeight: '1.3' }, h2: { fontSize: '1.125rem', lineHeight: '1.4' } },
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Badge: Badge.extend({
      defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 550 },
      // A status is never cut short.
      styles: { root: { flexShrink: 0, maxWidth: 'none', minWidth: 'max-content' }, label: { overflow: 'visible' } },
    }),
    Button: Button.extend({ defaultProps: { fw: 550 } }),
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, attributes: PLAIN_HEADER } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', withinPortal: true, withInitialFocusPlaceholder: false } }),
    Modal: Modal.extend({
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        centered: true,
        radius: 'lg',
        padding: 'lg',
        // No blur: without a graphics card each letter typed in a dialog would wait for all of the page behind it to be blurred.
        overlayProps: { backgroundOpacity: 0.45 },
        attributes: PLAIN_HEADER,
      },
      styles: { title: { fontWeight: 650, fontSize: 'var(--mantine-font-size-lg)', lineHeight: 1.3 } },
    }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } }),
    TextInput: TextInput.extend({ defaultProps: { autoComplete: 'off' } }),
    Tooltip: Tooltip.extend({
      defaultProps: { withArrow: true, openDelay: 300, events: everyInput(), multiline: true },
      // A tooltip may name a key by a long description. It stays within the window all the same.
      styles: { tooltip: { width: 'max-content', maxWidth: 'min(300px, 100vw - 32px)', overflowWrap: 'anywhere' } },
    }),
  },
});

/** A tooltip is for everybody: hover, keyboard and touch. */
function everyInput() {
  return { hover: true, focus: true, touch: true };
}

/** Dimmed and tinted texts keep a contrast of 4.5 : 1 with their background. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5a6476',
    '--mantine-color-placeholder': '#6a7486',
    '--mantine-color-error': 'var(--mantine-color-red-8)',
    '--mantine-color-anchor': 'var(--mantine-color-signpost-7)',
    ...tints((color) => ({
      text: `color-mix(in srgb, var(--mantine-color-${color}-9), black 28%)`,
      tint: `color-mix(in srgb, var(--mantine-color-${color}-6) 11%, white)`,
    })),
  },
  dark: {
    '--mantine-color-dimmed': '#9aa1b2',
    '--mantine-color-placeholder': '#8b93a6',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-anchor': 'var(--mantine-color-signpost-3)',
    ...tints((color) => ({
      text: `var(--mantine-color-${color}-2)`,
      tint: `color-mix(in srgb, var(--mantine-color-${color}-6) 18%, transparent)`,
    })),
  },
});

function tints(looks: (color: string) => { text: string; tint: string }): Record<string, string> {
  const variables = TINTED.flatMap((color) => {
    const { text, tint } = looks(color);
    return [
      [`--mantine-color-${color}-light-color`, text],
      [`--mantine-color-${color}-light`, tint],
    ];
  });
  return Object.fromEntries(variables) as Record<string, string>;
}

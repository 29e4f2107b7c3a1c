import { Box, Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { Brand } from '../shell/brand';
import { ColorSchemeSwitch } from '../shell/color-scheme-switch';
import classes from './gate.module.css';

interface GateProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly children: ReactNode;
}

/** A page before the sign-in: one card in the middle. A new title takes the focus, so that it is heard. */
export function Gate({ title, description, children }: GateProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) heading.current?.focus();
    first.current = false;
  }, [title]);
  return (
    <Box className={classes.page}>
      <title>{`${title} · Signpost`}</title>
      <header className={classes.header}>
        <Brand />
        <ColorSchemeSwitch />
      </header>
      <main className={classes.main}>
        <Paper withBorder shadow="sm" radius="lg" className={classes.card}>
          <Stack gap="lg">
            <div>
              <Title order={1} size="h2" ref={heading} tabIndex={-1} className={classes.title}>
                {title}
              </Title>
              {description !== undefined && (
                <Text c="dimmed" size="sm" mt={6} component="div">
                  {description}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Paper>
      </main>
    </Box>
  );
}

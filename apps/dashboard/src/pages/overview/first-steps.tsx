import { Anchor, Button, Code, Group, Paper, Progress, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useStore } from '../../session/use-me';
import { Icon } from '../../ui/icon';
import classes from './first-steps.module.css';
import { PublishCommand } from './publish-command';
import { SendDummy } from './send-dummy';
import { type Beginning, useBeginning } from './use-beginning';

interface Step {
  readonly title: string;
  readonly done: boolean;
  readonly body: ReactNode;
}

/** Leads from nothing to the first delivered event; is gone once there is one. */
export function FirstSteps({ store }: { store: string }) {
  const [hidden, setHidden] = useLocalStorage({ key: `signpost:first-steps-hidden:${store}`, defaultValue: false });
  const { manages } = useStore();
  const beginning = useBeginning(store);
  if (beginning === null || beginning.delivered || hidden) return null;
  const steps = stepsOf(store, manages, beginning);
  const next = steps.findIndex(({ done }) => !done);
  const doneCount = steps.filter(({ done }) => done).length;
  return (
    <Paper component="section" withBorder radius="lg" className={classes.panel} aria-label="First steps">
      <Group justify="space-between" align="flex-start" wrap="nowrap" mb="xs">
        <Title order={2} size="h3">
          Your first delivered event
        </Title>
        <Button variant="subtle" color="gray" size="xs" flex="none" onClick={() => setHidden(true)}>
          Hide
        </Button>
      </Group>
      <Group gap="sm" mb="md">
        <Progress value={(doneCount / steps.length) * 100} className={classes.progress} aria-label="Steps done" />
        <Text size="xs" c="dimmed" role="status">
          {doneCount} of {steps.length} done
        </Text>
      </Group>
      <ol className={classes.steps}>
        {steps.map((step, index) => (
          <StepItem key={step.title} step={step} number={index + 1} isNext={index === next} />
        ))}
      </ol>
    </Paper>
  );
}

function StepItem({ step: { title, done, body }, number, isNext }: { step: Step; number: number; isNext: boolean }) {
  return (
    <li className={classes.step} aria-current={isNext ? 'step' : undefined}>
      <ThemeIcon
        size={28}
        radius="xl"
        variant={done ? 'light' : isNext ? 'filled' : 'default'}
        color={done ? 'teal' : undefined}
      >
        {done ? <Icon name="check" size={16} label="Done" /> : <span aria-hidden>{number}</span>}
      </ThemeIcon>
      <Stack gap={6} className={classes.body}>
        <Text fw={600} mt={2} c={done ? 'dimmed' : undefined}>
          {title}
        </Text>
        {isNext && body}
      </Stack>
    </li>
  );
}

/** The steps. Only people who manage the store are asked to do something. */
function stepsOf(store: string, manages: boolean, { apiKey, webhook, tested, published }: Beginning): readonly Step[] {
  const forManagers = (body: ReactNode) => (manages ? body : <Text size="sm">An admin of the store does this.</Text>);
  return [
    {
      title: 'Make an API key',
      done: apiKey !== null,
      body: forManagers(
        <Go
          to="api"
          store={store}
          text="Your software publishes with it, and its secret signs what is sent."
          button="Add an API key"
        />,
      ),
    },
    {
      title: 'Add a webhook',
      done: webhook !== null,
      body: forManagers(
        <Go
          to="webhooks"
          store={store}
          text="The address that events are sent to, and which ones."
          button="Add a webhook"
        />,
      ),
    },
    {
      title: 'Send a dummy to it',
      done: tested,
      body: forManagers(webhook !== null && <SendDummy store={store} webhook={webhook} />),
    },
    {
      title: 'Publish an event',
      done: published,
      body: forManagers(
        apiKey !== null && webhook !== null && <PublishCommand store={store} apiKey={apiKey} webhook={webhook} />,
      ),
    },
    { title: 'See it delivered', done: false, body: <OnItsWay store={store} /> },
  ];
}

function OnItsWay({ store }: { store: string }) {
  return (
    <Text size="sm">
      It is on its way. Should it not arrive,{' '}
      <Anchor
        inherit
        underline="always"
        renderRoot={(props) => <Link to="/store/$store/deliveries" params={{ store }} {...props} />}
      >
        the deliveries
      </Anchor>{' '}
      say why; your endpoint is to answer with a <Code>2xx</Code>.
    </Text>
  );
}

interface GoProps {
  readonly store: string;
  readonly to: 'api' | 'webhooks';
  readonly text: string;
  readonly button: string;
}

function Go({ store, to, text, button }: GoProps) {
  return (
    <>
      <Text size="sm">{text}</Text>
      <Group>
        <Button
          size="sm"
          renderRoot={(props) => <Link to={`/store/$store/settings/${to}`} params={{ store }} {...props} />}
        >
          {button}
        </Button>
      </Group>
    </>
  );
}

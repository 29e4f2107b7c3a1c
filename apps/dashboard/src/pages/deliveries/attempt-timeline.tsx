import { Group, Text, ThemeIcon, UnstyledButton } from '@mantine/core';
import type { Attempt, DeliveryDetail } from '../../api/deliveries';
import { durationText } from '../../ui/duration-text';
import { Icon } from '../../ui/icon';
import { RelativeTime } from '../../ui/relative-time';
import { outcomeText, TRIGGERS } from './attempt-outcome';
import classes from './attempt-timeline.module.css';
import { NextAttempt } from './next-attempt';

interface AttemptTimelineProps {
  readonly delivery: DeliveryDetail;
  /** The id of the attempt that is shown whole. */
  readonly shown: string;
  readonly onShow: (id: string) => void;
}

/** All attempts of a delivery, oldest first, and the one to come. Choosing one shows it. */
export function AttemptTimeline({ delivery, shown, onShow }: AttemptTimelineProps) {
  const { attempts, olderAttemptsOmitted, nextAttemptAt } = delivery;
  return (
    <section aria-label="Attempts">
      {olderAttemptsOmitted && (
        <Text size="xs" c="dimmed" mb={6}>
          Older attempts are not shown.
        </Text>
      )}
      <ol className={classes.timeline}>
        {attempts.map((attempt) => (
          <li key={attempt.id}>
            <UnstyledButton
              className={classes.attempt}
              aria-pressed={attempt.id === shown}
              onClick={() => onShow(attempt.id)}
            >
              <Made attempt={attempt} />
            </UnstyledButton>
          </li>
        ))}
        {nextAttemptAt !== null && (
          <li className={classes.attempt}>
            <Group gap="sm">
              <ThemeIcon variant="light" color="gray" size={26} radius="xl" aria-hidden>
                <Icon name="clock" size={15} />
              </ThemeIcon>
              <NextAttempt delivery={delivery} />
            </Group>
          </li>
        )}
      </ol>
    </section>
  );
}

function Made({ attempt }: { attempt: Attempt }) {
  const { number, trigger, statusCode, errorCode, startedAt, durationMs } = attempt;
  const arrived = errorCode === null;
  return (
    <Group gap="sm" wrap="nowrap">
      <ThemeIcon variant="light" color={arrived ? 'teal' : 'red'} size={26} radius="xl">
        <Icon name={arrived ? 'check' : 'x'} size={15} label={arrived ? 'Delivered' : 'Failed'} />
      </ThemeIcon>
      <div className={classes.text}>
        <Text size="sm" fw={600} span>
          {outcomeText(statusCode, errorCode)}
        </Text>
        <Text size="xs" c="dimmed">
          Attempt {number}
          {trigger !== 'schedule' && ` · ${TRIGGERS[trigger]}`} · {durationText(durationMs)} ·{' '}
          <RelativeTime at={startedAt} />
        </Text>
      </div>
    </Group>
  );
}

import { notifications } from '@mantine/notifications';
import { type Doing, noticeOf } from '../api/notice';
import { isProblem } from '../api/problem-error';
import { Icon } from './icon';
import { shortened } from './shortened';
import { visibleText } from './visible-text';

/** Tells that something worked. */
export function toastDone(message: string): void {
  notifications.show({
    message: shortened(visibleText(message)),
    color: 'green',
    icon: <Icon name="check" />,
    autoClose: 5_000,
    withBorder: true,
  });
}

const LEADING_ON_MS = 10_000;

interface ToldOf {
  readonly doing?: Doing;
  /** A sentence that comes first. */
  readonly lead?: string;
}

/** Each is told once, though two may tell it: what it happened to, and who tells of what nobody else would. */
const told = new WeakSet<Error>();

/** Tells what happened and what to do. It stays until it is closed, because it may be read later or the page may lead on by itself. */
export function toastProblem(error: unknown, { doing, lead }: ToldOf = {}): void {
  if (error instanceof Error) {
    if (told.has(error)) return;
    told.add(error);
  }
  const { title, detail, advice, reference } = noticeOf(error, doing);
  notifications.show({
    title,
    message: [
      ...(lead === undefined ? [] : [lead]),
      shortened(visibleText(detail)),
      advice,
      ...(reference === null ? [] : [`Reference: ${reference}`]),
    ].join(' '),
    color: 'red',
    icon: <Icon name="alert-triangle" />,
    autoClose: isProblem(error, 'unauthenticated') && LEADING_ON_MS,
    withBorder: true,
  });
}

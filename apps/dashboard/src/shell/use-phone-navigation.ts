import { useDisclosure } from '@mantine/hooks';
import { useLocation } from '@tanstack/react-router';
import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react';

/** The navigation of a phone, which covers the page while it is open. */
interface PhoneNavigation {
  readonly opened: boolean;
  readonly open: () => void;
  /** Closes it, and gives the focus back to what opened it. */
  readonly leave: () => void;
  readonly openButton: RefObject<HTMLButtonElement | null>;
  /** Gets the focus when it opens. */
  readonly closeButton: RefObject<HTMLButtonElement | null>;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** Opens and closes the navigation, also by the keyboard. Going to another page closes it. */
export function usePhoneNavigation(): PhoneNavigation {
  const [opened, { open, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);
  const openButton = useRef<HTMLButtonElement>(null);
  const closeButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (opened) closeButton.current?.focus({ preventScroll: true });
  }, [opened]);
  const leave = () => {
    close();
    openButton.current?.focus();
  };
  return {
    opened,
    open,
    leave,
    openButton,
    closeButton,
    onKeyDown: ({ key, target }) => {
      // A menu that is open within the navigation is closed first.
      const inOpened = target instanceof Element && target.closest('[aria-expanded="true"]') !== null;
      if (opened && key === 'Escape' && !inOpened) leave();
    },
  };
}

import { Modal, type ModalProps } from '@mantine/core';
import { Fragment, type ReactNode, useState } from 'react';

/**
 * A dialog. A click beside it does not close it: that may be the second half of the double click which opened it. While it closes, it keeps
 * its looks, but nothing in it can be used any more. Afterwards the focus is back where it was.
 */
export function Dialog({ opened, title, children, ...others }: ModalProps) {
  return (
    <Modal
      opened={opened}
      title={<AsLastOpen opened={opened}>{title}</AsLastOpen>}
      closeOnClickOutside={false}
      returnFocus
      {...others}
    >
      <div inert={!opened}>
        <AsLastOpen opened={opened}>{children}</AsLastOpen>
      </div>
    </Modal>
  );
}

/** Shows what the dialog held last while it closes, because its data are often gone by then. A dialog that is opened again begins anew. */
function AsLastOpen({ opened, children }: { opened: boolean; children: ReactNode }) {
  const [last, setLast] = useState({ opened, turn: 0, children });
  if (opened !== last.opened || (opened && children !== last.children)) {
    const turn = last.turn + Number(opened && !last.opened);
    setLast({ opened, turn, children: opened ? children : last.children });
  }
  return <Fragment key={last.turn}>{last.children}</Fragment>;
}

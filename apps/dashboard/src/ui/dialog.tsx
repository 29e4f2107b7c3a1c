import { Modal, type ModalProps } from '@mantine/core';
import { Fragment, type ReactNode, useState } from 'react';

/** A dialog. While it goes away it looks as it did before, and nothing in it can be used any more. Then the focus is where it was. */
export function Dialog({ opened, title, children, ...others }: ModalProps) {
  return (
    <Modal opened={opened} title={<AsLastOpen opened={opened}>{title}</AsLastOpen>} returnFocus {...others}>
      <div inert={!opened}>
        <AsLastOpen opened={opened}>{children}</AsLastOpen>
      </div>
    </Modal>
  );
}

/** What it holds is closed with the dialog, often with what it was made of; one that is opened again begins anew. */
function AsLastOpen({ opened, children }: { opened: boolean; children: ReactNode }) {
  const [last, setLast] = useState({ opened, turn: 0, children });
  if (opened !== last.opened || (opened && children !== last.children)) {
    const turn = last.turn + Number(opened && !last.opened);
    setLast({ opened, turn, children: opened ? children : last.children });
  }
  return <Fragment key={last.turn}>{last.children}</Fragment>;
}

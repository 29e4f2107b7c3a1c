import { Combobox, InputBase, Text, useCombobox } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { StoreOfMine } from '../api/session';
import { accessTo } from '../session/access';
import { useMe } from '../session/use-me';
import { Icon } from '../ui/icon';
import classes from './store-switcher.module.css';

const SEARCHED_FROM = 8;

/** Tells in which store one is, and leads to the others. */
export function StoreSwitcher() {
  const me = useMe();
  const navigate = useNavigate();
  const { store: current } = useParams({ strict: false });
  const [search, setSearch] = useState('');
  const combobox = useCombobox({ onDropdownClose: () => setSearch('') });
  if (me.stores.length === 0) return null;
  const store = current === undefined ? null : accessTo(me, current);
  const open = (key: string) => {
    combobox.closeDropdown();
    void navigate({ to: '/store/$store', params: { store: key } });
  };
  return (
    <div className={classes.switcher}>
      <Combobox store={combobox} onOptionSubmit={open} withinPortal shadow="md">
        <Combobox.Target targetType="button">
          <InputBase
            component="button"
            type="button"
            pointer
            aria-label={store === null ? 'Choose a store' : `Store: ${store.name}. Switch store`}
            leftSection={<Icon name="building-store" size={16} />}
            rightSection={<Icon name="selector" size={16} />}
            rightSectionPointerEvents="none"
            onClick={() => combobox.toggleDropdown()}
          >
            <Text span inherit truncate display="block">
              {store?.name ?? 'Choose a store'}
            </Text>
          </InputBase>
        </Combobox.Target>
        <Combobox.Dropdown>
          <Choice current={current} stores={me.stores} search={search} onSearch={setSearch} />
        </Combobox.Dropdown>
      </Combobox>
    </div>
  );
}

interface ChoiceProps {
  readonly current: string | undefined;
  readonly stores: readonly StoreOfMine[];
  readonly search: string;
  readonly onSearch: (text: string) => void;
}

function Choice({ current, stores, search, onSearch }: ChoiceProps) {
  const wanted = search.trim().toLowerCase();
  const found = stores.filter(({ key, name }) => `${key} ${name}`.toLowerCase().includes(wanted));
  return (
    <>
      {stores.length >= SEARCHED_FROM && (
        <Combobox.Search
          value={search}
          onChange={(event) => onSearch(event.currentTarget.value)}
          placeholder="Find a store"
          aria-label="Find a store"
        />
      )}
      <Combobox.Options mah={320} className={classes.options}>
        {found.map(({ key, name }) => (
          <Combobox.Option key={key} value={key} active={key === current}>
            <Text size="sm">{name}</Text>
            <Text size="xs" c="dimmed">
              {key}
            </Text>
          </Combobox.Option>
        ))}
        {found.length === 0 && <Combobox.Empty>No such store</Combobox.Empty>}
      </Combobox.Options>
    </>
  );
}

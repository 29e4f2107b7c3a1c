import { Select, TextInput } from '@mantine/core';
import { RECENT, type TimeRange } from '../api/time-range';
import { filterWidth } from './filter-width';
import { isoTime, LATEST_LOCAL_TIME, localTime } from './local-time';
import { useTyped } from './use-typed';

interface TimeRangeFilterProps {
  readonly value: TimeRange;
  readonly onChange: (range: TimeRange) => void;
}

const ALWAYS = 'always';
const BETWEEN = 'between';
const CHOICES = [
  { value: ALWAYS, label: 'Any time' },
  ...RECENT.map(({ value, label }) => ({ value, label })),
  { value: BETWEEN, label: 'Between…' },
];
const HOUR_MS = 3_600_000;

/** Asks for a span of time: one that ends now, or one between two times. */
export function TimeRangeFilter({ value, onChange }: TimeRangeFilterProps) {
  const between = value.since !== undefined || value.until !== undefined;
  const choose = (choice: string | null) => {
    if (choice === BETWEEN) onChange({ since: new Date(Date.now() - HOUR_MS).toISOString() });
    else
      onChange(RECENT.some(({ value: recent }) => recent === choice) ? { recent: choice as TimeRange['recent'] } : {});
  };
  return (
    <>
      <Select
        aria-label="Time"
        data={CHOICES}
        value={between ? BETWEEN : (value.recent ?? ALWAYS)}
        onChange={choose}
        allowDeselect={false}
        {...filterWidth(150)}
      />
      {between && (
        <>
          <TimeField label="From" value={value.since} onChange={(since) => onChange({ ...value, since })} />
          <TimeField label="To" value={value.until} onChange={(until) => onChange({ ...value, until })} />
        </>
      )}
    </>
  );
}

interface TimeFieldProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (time: string | undefined) => void;
}

/** A time in the reader's time zone. While it is being typed it is no time, or another one: it takes effect only afterwards. */
function TimeField({ label, value, onChange }: TimeFieldProps) {
  const { shown, type, commit } = useTyped(value === undefined ? '' : localTime(value), (local) =>
    onChange(isoTime(local) ?? undefined),
  );
  return (
    <TextInput
      {...filterWidth(210)}
      type="datetime-local"
      max={LATEST_LOCAL_TIME}
      aria-label={label}
      value={shown}
      onChange={(event) => type(event.currentTarget.value)}
      {...commit}
    />
  );
}

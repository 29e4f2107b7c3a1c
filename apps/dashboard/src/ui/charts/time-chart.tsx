import { type PointerEvent, useState } from 'react';
import { ChartTable } from './chart-table';
import { Bars, LegendMark, Lines } from './chart-marks';
import { bucketText, niceMaximum } from './chart-scale';
import type { Series } from './series';
import classes from './time-chart.module.css';

interface TimeChartProps {
  /** What it shows, for screen readers, which read the table below it. */
  readonly label: string;
  readonly kind: 'bars' | 'lines';
  /** When each bucket begins, oldest first. */
  readonly times: readonly string[];
  readonly bucketSeconds: number;
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** Said beside a series while no bucket is pointed at. */
  readonly summary: (series: Series) => string;
}

/** Values over time, as stacked bars or as lines. Pointing at a bucket tells its values; a table tells them all. */
export function TimeChart(props: TimeChartProps) {
  const { label, kind, times, bucketSeconds, series, format, summary } = props;
  const [pointed, setPointed] = useState<number | null>(null);
  const point = ({ clientX, currentTarget }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setPointed(Math.min(times.length - 1, Math.max(0, Math.floor(((clientX - left) / width) * times.length))));
  };
  const sums = times.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  const all = kind === 'bars' ? sums : series.flatMap(({ values }) => values.map((value) => value ?? 0));
  const maximum = niceMaximum(Math.max(...all, 0));
  const at = pointed === null ? undefined : times[pointed];
  return (
    <figure className={classes.figure} aria-label={label}>
      <div className={classes.legend} aria-hidden>
        {series.map((each) => (
          <span key={each.name} className={classes.entry}>
            <LegendMark kind={kind} series={each} />
            {each.name} <b>{pointed === null ? summary(each) : valueText(each.values[pointed] ?? null, format)}</b>
          </span>
        ))}
        <span className={classes.time}>{at === undefined ? '' : bucketText(at, bucketSeconds)}</span>
      </div>
      <div className={classes.plot} aria-hidden onPointerMove={point} onPointerLeave={() => setPointed(null)}>
        <span className={classes.maximum}>{format(maximum)}</span>
        <svg viewBox={`0 0 ${times.length} 100`} preserveAspectRatio="none" className={classes.marks}>
          {[0, 50, 100].map((y) => (
            <line key={y} x1={0} x2={times.length} y1={y} y2={y} className={classes.grid} />
          ))}
          {pointed !== null && <rect x={pointed} y={0} width={1} height={100} className={classes.pointed} />}
          {kind === 'bars' ? <Bars series={series} maximum={maximum} /> : <Lines series={series} maximum={maximum} />}
        </svg>
      </div>
      <div className={classes.axis} aria-hidden>
        {[times[0], times.at(-1)].map((time) => (
          <span key={time}>{time === undefined ? '' : bucketText(time, bucketSeconds)}</span>
        ))}
      </div>
      <ChartTable
        label={label}
        times={times.map((time) => bucketText(time, bucketSeconds))}
        columns={series.map(({ name, values }) => ({ name, cells: values.map((value) => valueText(value, format)) }))}
      />
    </figure>
  );
}

function valueText(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value);
}

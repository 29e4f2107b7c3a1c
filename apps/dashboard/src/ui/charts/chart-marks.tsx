import type { Series } from './series';
import classes from './time-chart.module.css';

interface MarksProps {
  readonly series: readonly Series[];
  readonly maximum: number;
}

const HEIGHT = 100;
/** The least height of a bar: every value but zero can be seen. */
const HEIGHT_MIN = 1.5;
const GAP = 0.18;

/** A bar for each bucket, the first series at the bottom. */
export function Bars({ series, maximum }: MarksProps) {
  const buckets = series[0]?.values.length ?? 0;
  return Array.from({ length: buckets }, (_, at) => {
    let top = HEIGHT;
    return series.map(({ name, color, pattern, values }) => {
      const value = values[at] ?? 0;
      if (value === 0) return null;
      const height = Math.max(HEIGHT_MIN, (value / maximum) * HEIGHT);
      top -= height;
      return (
        <rect
          key={`${at} ${name}`}
          x={at + GAP / 2}
          y={top}
          width={1 - GAP}
          height={height}
          fill={color}
          opacity={pattern === 'second' ? 0.55 : 1}
        />
      );
    });
  });
}

/** A line for each series, from the middle of one bucket to the middle of the next; it breaks where there is no value. */
export function Lines({ series, maximum }: MarksProps) {
  return series.map(({ name, color, pattern, values }) => (
    <path
      key={name}
      d={pathOf(values, maximum)}
      stroke={color}
      strokeDasharray={pattern === 'second' ? '5 4' : undefined}
      className={classes.line}
    />
  ));
}

function pathOf(values: readonly (number | null)[], maximum: number): string {
  return values
    .map((value, at) => {
      if (value === null) return '';
      const [x, y] = [at + 0.5, HEIGHT - (value / maximum) * HEIGHT];
      const begins = (values[at - 1] ?? null) === null;
      // A value between two gaps is a short line of its own.
      const alone = begins && (values[at + 1] ?? null) === null;
      return alone ? `M${x - 0.3} ${y}L${x + 0.3} ${y}` : `${begins ? 'M' : 'L'}${x} ${y}`;
    })
    .join('');
}

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
const SECOND_OPACITY = 0.55;
const SECOND_DASHES = '5 4';

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
          opacity={pattern === 'second' ? SECOND_OPACITY : 1}
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
      strokeDasharray={pattern === 'second' ? SECOND_DASHES : undefined}
      className={classes.line}
    />
  ));
}

/** What the legend shows of a series: it looks as in the chart. */
export function LegendMark({ kind, series: { color, pattern } }: { kind: 'bars' | 'lines'; series: Series }) {
  if (kind === 'bars') {
    return (
      <svg width={12} height={12}>
        <rect width={12} height={12} rx={3} fill={color} opacity={pattern === 'second' ? SECOND_OPACITY : 1} />
      </svg>
    );
  }
  return (
    <svg width={18} height={12}>
      <path
        d="M2 6H16"
        stroke={color}
        strokeDasharray={pattern === 'second' ? SECOND_DASHES : undefined}
        className={classes.line}
      />
    </svg>
  );
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

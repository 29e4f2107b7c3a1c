import classes from './sparkline.module.css';

interface SparklineProps {
  /** One bar each, the oldest first. */
  readonly values: readonly { readonly good: number; readonly bad: number }[];
  /** What the bars say, in words. */
  readonly label: string;
}

const BAR = 3;
const GAP = 1;
const HEIGHT = 22;
const HEIGHT_MIN = 1.5;

/** Small bars over time: what went well, and upon it what did not. */
export function Sparkline({ values, label }: SparklineProps) {
  const most = Math.max(1, ...values.map(({ good, bad }) => good + bad));
  const heightOf = (count: number) => (count / most) * HEIGHT;
  return (
    <svg
      role="img"
      aria-label={label}
      className={classes.sparkline}
      width={values.length * (BAR + GAP)}
      height={HEIGHT}
      viewBox={`0 0 ${values.length * (BAR + GAP)} ${HEIGHT}`}
    >
      {values.map(({ good, bad }, index) => {
        const x = index * (BAR + GAP);
        const [goodHeight, badHeight] = [heightOf(good), heightOf(bad)];
        return (
          // Bars have no identity other than their place.
          <g key={x}>
            {good + bad === 0 && (
              <rect className={classes.none} x={x} y={HEIGHT - HEIGHT_MIN} width={BAR} height={HEIGHT_MIN} />
            )}
            <rect className={classes.good} x={x} y={HEIGHT - goodHeight} width={BAR} height={goodHeight} />
            <rect className={classes.bad} x={x} y={HEIGHT - goodHeight - badHeight} width={BAR} height={badHeight} />
          </g>
        );
      })}
    </svg>
  );
}

import type { TestSend } from '../../api/test-send';
import classes from './timings.module.css';

const PHASES = [
  ['dnsMs', 'DNS'],
  ['connectMs', 'Connect'],
  ['tlsMs', 'TLS'],
  ['firstByteMs', 'First byte'],
  ['totalMs', 'Total'],
] as const;

/** How long each phase of a request took. */
export function Timings({ timings }: { timings: TestSend['timings'] }) {
  const longest = Math.max(1, timings.totalMs);
  return (
    <dl className={classes.timings}>
      {PHASES.map(([phase, name]) => {
        const ms = timings[phase];
        return (
          <div key={phase} className={classes.phase}>
            <dt>{name}</dt>
            <dd>
              <span className={classes.track} aria-hidden>
                <span className={classes.bar} style={{ width: `${Math.min(1, (ms ?? 0) / longest) * 100}%` }} />
              </span>
              {ms === null ? '–' : `${Math.round(ms * 10) / 10} ms`}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

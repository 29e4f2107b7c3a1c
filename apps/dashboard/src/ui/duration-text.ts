const SECOND_MS = 1_000;

/** "in 4 min 5 s", "in 2 h 3 min". @returns null when nothing is left */
export function countdownText(distanceMs: number): string | null {
  if (distanceMs <= 0) return null;
  const seconds = Math.ceil(distanceMs / SECOND_MS);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  const parts = [
    { count: days, unit: 'd' },
    { count: hours, unit: 'h' },
    { count: minutes, unit: 'min' },
    { count: seconds % 60, unit: 's' },
  ];
  const first = parts.findIndex(({ count }) => count > 0);
  // Two units tell enough.
  const told = parts.slice(first, first + 2).filter(({ count }) => count > 0);
  return `in ${told.map(({ count, unit }) => `${count} ${unit}`).join(' ')}`;
}

/** "340 ms", "1.2 s". */
export function durationText(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  return `${(ms / SECOND_MS).toFixed(ms < 10 * SECOND_MS ? 1 : 0)} s`;
}

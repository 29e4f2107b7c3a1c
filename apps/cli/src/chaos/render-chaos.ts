import type { BackendChaos, ChaosReport } from './run-chaos';
import type { FaultResult } from './run-fault';

const HEADINGS = ['fault', 'queue', 'times', 'accepted', 'arrived', 'lost', 'duplicated', 'recovered in', ''];

/** Whether every promise held. */
export function isUnharmed({ backends }: ChaosReport): boolean {
  return backends.every(({ faults }) => faults.every((fault) => complaintsOf(fault).length === 0));
}

/** The report as a table in Markdown, which reads well on a terminal too, and below it what broke a promise. */
export function renderChaos({ backends }: ChaosReport): readonly string[] {
  const rows = backends.flatMap((one) => one.faults.map((fault) => rowOf(one, fault)));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column < 2 ? '-'.repeat(width) : `${'-'.repeat(Math.max(1, width - 1))}:`)).join(' | ')} |`;
  const broken = backends.flatMap(({ backend, faults }) =>
    faults.flatMap((fault) => complaintsOf(fault).map((sentence) => `✗ ${backend}, ${fault.title}: ${sentence}`)),
  );
  return [line(HEADINGS), rule, ...rows.map(line), ...(broken.length > 0 ? ['', ...broken] : [])];
}

function complaintsOf({ broken, late, recoveryMs, recoveryMsMax }: FaultResult): readonly string[] {
  const tooLate = `Recovery took ${seconds(recoveryMs)}; ${seconds(recoveryMsMax)} are allowed.`;
  return late ? [...broken, tooLate] : broken;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function rowOf({ backend }: BackendChaos, fault: FaultResult): readonly string[] {
  return [
    fault.title,
    backend,
    String(fault.times),
    String(fault.accepted),
    String(fault.arrived),
    String(fault.lost),
    `${fault.duplicated} of ${fault.duplicatedMax} in flight`,
    seconds(fault.recoveryMs),
    complaintsOf(fault).length === 0 ? '✓' : '✗',
  ];
}

import type { Table } from './findings';
import { markdownTable } from './markdown-table';
import type { BackendReport, BenchReport, SuiteReport } from './run-bench';
import type { BenchBackend } from './system-under-test';

export const QUEUE_NAMES: Readonly<Record<BenchBackend, string>> = { redis: 'Redis', postgres: 'PostgreSQL' };
/** How much of a processor other work takes on any system. */
const OTHER_WORK_MAX = 0.1;
const COMPLAINTS_SHOWN = 5;
const COMPLAINT_LENGTH_MAX = 400;

/** One suite as Markdown: for the terminal and for docs/benchmarks.md alike. */
export function renderSuite(
  { startedAt, machine }: Pick<BenchReport, 'startedAt' | 'machine'>,
  suite: SuiteReport,
): string[] {
  const { backends } = suite;
  const { cpu, cores, memoryGb, platform, node, diskIsMemory } = machine;
  const versions = [...new Set(backends.flatMap((backend) => backend.versions))].join(', ');
  const otherWork = Math.max(0, ...backends.map(({ findings }) => findings.otherWork));
  return [
    `${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${cores} × ${cpu}, ${memoryGb} GB, ${platform}, Node.js ${node}, ${versions}.`,
    ...(otherWork > OTHER_WORK_MAX
      ? [
          `**Other work took up to ${otherWork.toFixed(1)} of the ${cores} processors meanwhile: an idle machine reaches more.**`,
        ]
      : []),
    ...(diskIsMemory ? ['**The data were kept in memory: waiting for the disk cost nothing.**'] : []),
    '',
    ...mergedTables(backends).flatMap((table) => [...markdownTable(table), '']),
    ...backends.flatMap(outcomeLines),
  ];
}

/**
 * Whether nothing was lost, sent twice or refused. A promise that the figures miss is reported, but does not count here: it depends on the
 * machine.
 */
export function isFlawless({ suites }: BenchReport): boolean {
  return suites.every(({ backends }) => backends.every(({ findings }) => findings.troubles.length === 0));
}

/** Merges tables whose heads begin with the same cell, in the order in which they came first. */
function mergedTables(backends: readonly BackendReport[]): Table[] {
  const merged = new Map<string, Table>();
  for (const table of backends.flatMap(({ findings }) => findings.tables)) {
    const title = table.head[0] ?? '';
    const before = merged.get(title);
    merged.set(title, before === undefined ? table : { head: before.head, rows: [...before.rows, ...table.rows] });
  }
  return [...merged.values()];
}

function outcomeLines({ backend, findings, complaints }: BackendReport): string[] {
  const queue = QUEUE_NAMES[backend];
  const { judgements, accounts, troubles } = findings;
  const shown = complaints.slice(0, COMPLAINTS_SHOWN).map((line) => `  \`${line.slice(0, COMPLAINT_LENGTH_MAX)}\``);
  return [
    ...judgements.map(({ kept, text }) => `- ${kept ? 'kept' : 'MISSED'}: ${text}.`),
    ...(troubles.length === 0 ? accounts : troubles).map((text) => `- ${queue}: ${text}.`),
    ...(complaints.length === 0
      ? []
      : [`- ${queue}: API and worker logged ${complaints.length} warnings or errors:`, ...shown]),
  ];
}

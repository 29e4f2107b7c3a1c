import type { BareLoopResult, BareLoopTask } from './bare-loop-process';
import type { Findings } from './findings';
import type { HelperProcess } from './helper-process';
import { type BareLoopRates, loadFindings } from './load-findings';
import { residentMb } from './resident-memory';
import { runScenario, type ScenarioResult } from './run-scenario';
import type { LoadScenario } from './scenario';
import type { SinkQuestion } from './sink-process';
import type { Stage, Suite } from './suite';

const BARE_LOOP: Omit<BareLoopTask, 'url'> = {
  dataBytes: 1_024,
  concurrency: 32,
  warmUpMs: 1_500,
  durationMs: 4_000,
};

/** Measures loads one after the other, and the bare loop before and after them as the yardstick. */
export function loadSuite(name: string, title: string, scenarios: readonly LoadScenario[]): Suite {
  return { name, title, measure: (stage) => measureLoads(scenarios, stage) };
}

async function measureLoads(scenarios: readonly LoadScenario[], stage: Stage): Promise<Findings> {
  const idle = { startMs: stage.system.startMs, residentMb: await residentMb(stage.system.pids) };
  const bareLoop = stage.start('bare-loop');
  stage.progress('the bare loop');
  const before = await runBareLoop(bareLoop, stage);
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    stage.progress(scenario.title);
    results.push(await runScenario(shortened(scenario, stage.durationMs), stage));
  }
  stage.progress('the bare loop once more');
  const after = await runBareLoop(bareLoop, stage);
  const rates: BareLoopRates = { before, after, mean: (before + after) / 2 };
  return loadFindings(stage.backend, rates, idle, results);
}

function shortened(scenario: LoadScenario, durationMs: number | null): LoadScenario {
  if (durationMs === null) return scenario;
  return { ...scenario, durationMs, warmUpMs: Math.min(scenario.warmUpMs, durationMs) };
}

/** @returns requests per second */
async function runBareLoop(bareLoop: HelperProcess, { sink, sinkUrl, durationMs }: Stage): Promise<number> {
  const task = { ...BARE_LOOP, durationMs: Math.min(BARE_LOOP.durationMs, durationMs ?? BARE_LOOP.durationMs) };
  const { requests, seconds } = await bareLoop.ask<BareLoopResult>({ ...task, url: sinkUrl } satisfies BareLoopTask);
  await sink.ask<undefined>({ kind: 'forget' } satisfies SinkQuestion);
  return requests / seconds;
}

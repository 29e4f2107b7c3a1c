import { BareLoop } from './bare-loop';
import type { Findings } from './findings';
import { loadFindings } from './load-findings';
import { residentMb } from './resident-memory';
import { runScenario, type ScenarioResult } from './run-scenario';
import type { LoadScenario } from './scenario';
import type { Stage, Suite } from './suite';

/** Measures loads one after the other, each between two runs of the bare loop. */
export function loadSuite(name: string, title: string, scenarios: readonly LoadScenario[]): Suite {
  return { name, title, measure: (stage) => measureLoads(scenarios, stage) };
}

async function measureLoads(scenarios: readonly LoadScenario[], stage: Stage): Promise<Findings> {
  const idle = { startMs: stage.system.startMs, residentMb: await residentMb(stage.system.pids) };
  const bareLoop = new BareLoop(stage);
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    stage.progress(scenario.title);
    results.push(await runScenario(shortened(scenario, stage.durationMs), bareLoop, stage));
  }
  return loadFindings(stage.backend, idle, results);
}

function shortened(scenario: LoadScenario, durationMs: number | null): LoadScenario {
  if (durationMs === null) return scenario;
  return { ...scenario, durationMs, warmUpMs: Math.min(scenario.warmUpMs, durationMs) };
}

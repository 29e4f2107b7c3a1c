/** What a check found. */
export type Finding =
  | { readonly kind: 'good'; readonly text: string }
  /** `advice` says what to do, in one sentence. */
  | { readonly kind: 'bad'; readonly text: string; readonly advice: string };

export function good(text: string): Finding {
  return { kind: 'good', text };
}

export function bad(text: string, advice: string): Finding {
  return { kind: 'bad', text, advice };
}

/** A finding as lines for the terminal. */
export function findingLines(finding: Finding): readonly string[] {
  return finding.kind === 'good' ? [`✓ ${finding.text}`] : [`✗ ${finding.text}`, `  → ${finding.advice}`];
}

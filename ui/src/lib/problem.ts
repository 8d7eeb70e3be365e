/** Why something was not done: a code with its fields, and its two texts. */
import type { Failure } from './generated/protocol';
import { has, t, word, type Arguments } from './words.svelte';

/** What the agent says, or why it says nothing: both are a code and what the texts need. */
export type Problem = Failure | { code: string; [field: string]: unknown };

export interface Explained {
  code: string;
  /** What happened. */
  what: string;
  /** What to do. */
  advice: string;
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value;
}

/** The texts of a problem. Where they are for a terminal, the app has texts of its own. */
export function explain(problem: Problem): Explained {
  const { code } = problem;
  const args = argumentsOf(problem);
  if (!has(`err-${code}`)) {
    return { code, what: t('problem-unknown'), advice: t('problem-unknown-advice') };
  }
  const said = (id: string): string => word(has(`app-${id}`) ? `app-${id}` : id, args);
  return { code, what: said(`err-${code}`), advice: said(`rec-${code}`) };
}

function argumentsOf(problem: Problem): Arguments {
  const args: Arguments = {};
  for (const [name, value] of Object.entries(problem)) {
    if (typeof value === 'string') args[name] = presentable(value);
    if (typeof value === 'number') args[name] = value;
  }
  // The authority's own words are English; most of its refusals have a text here.
  const refusal = `problem-${String(args['problem'])}`;
  if (problem.code === 'authority-refused' && has(refusal)) args['detail'] = word(refusal);
  return args;
}

/** Words of others, without what would turn a text around or hide in it. */
export function presentable(words: string): string {
  return words.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, ' ');
}

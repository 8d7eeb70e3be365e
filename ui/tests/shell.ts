/** Stands in for the shell, in the page: says what a test has the agent say. */
import type { Channel } from '@tauri-apps/api/core';
import { mockIPC, mockWindows } from '@tauri-apps/api/mocks';
import type { Link, Wanted } from '../src/lib/agent.svelte';
import type { SettingChange, Step } from '../src/lib/generated/protocol';
import type { Problem } from '../src/lib/problem';

/** How a command ends: with a value, with a problem, or not yet. */
export type Answer =
  { value: unknown; step?: Step } | { problem: Problem; step?: Step } | { step: Step };

export interface Script {
  link: Link;
  answers: Record<string, Answer>;
}

declare global {
  interface Window {
    script: Script;
    calls: { command: string; arguments: Record<string, unknown> }[];
    /** Has the agent say something else. */
    say: (link: Link) => void;
    /** Has something asked for from outside the window. */
    want: (wanted: Wanted) => void;
  }
}

/** What the agent says once it has kept a setting. */
function keep(change: SettingChange): void {
  const { link } = window.script;
  if (link.link !== 'connected') return;
  let { look, trusted } = link.state.settings;
  if (change.setting === 'look') look = change;
  else if (change.setting === 'trust') trusted = [...trusted, change.server];
  else trusted = trusted.filter((one) => one !== change.server);
  const said: Link = { link: 'connected', state: { ...link.state, settings: { look, trusted } } };
  window.script.link = said;
  window.say(said);
}

window.calls = [];
mockWindows('main');
mockIPC((command, given) => {
  const args = (given ?? {}) as Record<string, unknown>;
  if (command === 'watch') {
    const links = args['links'] as Channel<Link>;
    window.say = (link) => links.onmessage(link);
    window.say(window.script.link);
    return null;
  }
  if (command === 'wanted') {
    const page = args['page'] as Channel<Wanted>;
    window.want = (wanted) => page.onmessage(wanted);
    return null;
  }
  const { steps, ...rest } = args;
  window.calls.push({ command, arguments: rest });
  const answer = window.script.answers[command];
  if (!answer) throw { code: 'app-failed', reason: `nobody answers ${command}` };
  if (answer.step) (steps as Channel<Step>).onmessage(answer.step);
  if ('problem' in answer) throw answer.problem;
  if ('value' in answer) {
    if (command === 'set') keep(rest['change'] as SettingChange);
    return answer.value;
  }
  return new Promise(() => undefined);
});

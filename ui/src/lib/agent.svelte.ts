/** The shell's commands, and what the agent says through it. */
import { Channel, invoke } from '@tauri-apps/api/core';
import type {
  CardInfo,
  CertificateInfo,
  Finding,
  History,
  InterfaceKind,
  LoginOutcome,
  Managed,
  PinInfo,
  PracticeCardInfo,
  Remedy,
  SettingChange,
  ProgramInfo,
  ServiceInfo,
  State,
  StatusOutcome,
  Step,
  Stored,
  TaskOutcome,
  Uses,
} from './generated/protocol';
import { isProblem, type Problem } from './problem';

/** Whether the agent is there, and what it said last. */
export type Link =
  { link: 'connecting' } | { link: 'connected'; state: State } | { link: 'lost'; problem: Problem };

class Agent {
  link = $state.raw<Link>({ link: 'connecting' });

  get state(): State | null {
    return this.link.link === 'connected' ? this.link.state : null;
  }
}

export const agent = new Agent();

/** Has the shell say what the agent says from now on; also, after it was lost, once more. */
export function watch(): void {
  agent.link = { link: 'connecting' };
  const links = new Channel<Link>((link) => (agent.link = link));
  invoke('watch', { links }).catch((problem: unknown) => {
    agent.link = { link: 'lost', problem: problemOf(problem) };
  });
}

export interface About {
  version: string;
  language: 'bg' | 'en';
}

export const about = (): Promise<About> => invoke('about');

/** What is asked for from outside the window: by a link, or in the tray. */
export type Wanted = { wanted: 'login'; address: string } | { wanted: 'refused'; problem: Problem };

/** Has the shell say what is asked for from outside, from now on. */
export function listen(onwanted: (wanted: Wanted) => void): void {
  // Without the shell nobody asks for anything.
  invoke('wanted', { page: new Channel<Wanted>(onwanted) }).catch(() => undefined);
}

export const startsWithComputer = (): Promise<boolean> => invoke('starts_with_computer');
export const startWithComputer = (start: boolean): Promise<void> =>
  invoke('start_with_computer', { start });

/** Has the person choose a place, and writes there. `false`: none was chosen. */
export const saveFile = (name: string, contents: Uint8Array): Promise<boolean> =>
  invoke('save_file', { name, contents: Array.from(contents) });

/** What a card ended by going away while its holder was asked. What belongs to a card goes from the
 *  screen with it; this stays until it was read. */
class Interrupted {
  problem = $state.raw<Problem | null>(null);
}

export const interrupted = new Interrupted();

const goneAway: readonly string[] = ['card-removed', 'reader-gone'];

/** Something that a person waits for: how far it has come, and how it ended. */
export class Task<T> {
  running = $state(false);
  step = $state<Step | null>(null);
  problem = $state.raw<Problem | null>(null);
  result = $state.raw<T | null>(null);
  #steps: Channel<Step> | null = null;

  /** Runs a command; its steps come through the channel that it is given. */
  async run(command: (steps: Channel<Step>) => Promise<T>): Promise<void> {
    if (this.running) return;
    let asked = false;
    const steps = new Channel<Step>((step) => {
      this.step = step;
      if (step !== 'ask-holder') return;
      asked = true;
      interrupted.problem = null;
    });
    this.#steps = steps;
    this.running = true;
    this.step = null;
    this.problem = null;
    this.result = null;
    try {
      this.result = await command(steps);
    } catch (problem) {
      this.problem = problemOf(problem);
      if (asked && goneAway.includes(this.problem.code)) interrupted.problem = this.problem;
    } finally {
      this.running = false;
      this.#steps = null;
    }
  }

  /** Gives up what runs; it then ends with a problem of its own. */
  cancel(): void {
    if (this.#steps) void invoke('cancel', { task: this.#steps.id });
  }

  forget(): void {
    this.problem = null;
    this.result = null;
  }
}

function problemOf(value: unknown): Problem {
  return isProblem(value) ? value : { code: 'app-failed', reason: String(value) };
}

export type Steps = Channel<Step>;

/** What can be forgotten as a whole. */
export const forgettable = ['uses', 'programs', 'cans', 'practice-authority'] as const;
export type Forgettable = (typeof forgettable)[number];

export const ask = {
  unlockCard: (steps: Steps, reader: string): Promise<void> =>
    invoke('unlock_card', { steps, reader }),
  checkCard: (steps: Steps, reader: string): Promise<CardInfo> =>
    invoke('check_card', { steps, reader }),
  certificate: (
    steps: Steps,
    reader: string,
    key: string,
  ): Promise<{ info: CertificateInfo; der: string }> =>
    invoke('certificate', { steps, reader, key }),
  certificateStatus: (steps: Steps, reader: string, key: string): Promise<StatusOutcome> =>
    invoke('certificate_status', { steps, reader, key }),
  history: (steps: Steps, reader: string): Promise<History> => invoke('history', { steps, reader }),
  nameCertificate: (steps: Steps, reader: string, serial: string, name: string): Promise<Managed> =>
    invoke('name_certificate', { steps, reader, serial, name }),
  suspend: (steps: Steps, reader: string, reason: string | null): Promise<Managed> =>
    invoke('suspend', { steps, reader, reason }),
  resume: (steps: Steps, reader: string): Promise<Managed> => invoke('resume', { steps, reader }),
  revoke: (steps: Steps, reader: string, serial: string, reason: string | null): Promise<Managed> =>
    invoke('revoke', { steps, reader, serial, reason }),
  renew: (steps: Steps, reader: string): Promise<TaskOutcome> => invoke('renew', { steps, reader }),
  resumeTask: (steps: Steps, id: string): Promise<TaskOutcome> =>
    invoke('resume_task', { steps, id }),
  pins: (steps: Steps, reader: string): Promise<PinInfo[]> => invoke('pins', { steps, reader }),
  changePin: (steps: Steps, reader: string, pin: string): Promise<void> =>
    invoke('change_pin', { steps, reader, pin }),
  unblockPin: (steps: Steps, reader: string, pin: string): Promise<void> =>
    invoke('unblock_pin', { steps, reader, pin }),
  makePracticeCard: (
    steps: Steps,
    label: string,
    transportPin: boolean,
    shown: {
      title: string;
      text: string;
      pin: string;
      transport_pin: string;
      can: string;
      puk: string;
    },
  ): Promise<PracticeCardInfo> =>
    invoke('make_practice_card', { steps, label, transportPin, shown }),
  enrolPracticeCard: (steps: Steps, reader: string): Promise<TaskOutcome> =>
    invoke('enrol_practice_card', { steps, reader }),
  logInPractising: (steps: Steps, reader: string): Promise<LoginOutcome> =>
    invoke('log_in_practising', { steps, reader }),
  insertPracticeCard: (
    steps: Steps,
    number: string,
    side: InterfaceKind,
  ): Promise<PracticeCardInfo> => invoke('insert_practice_card', { steps, number, side }),
  removePracticeCard: (steps: Steps, number: string): Promise<PracticeCardInfo> =>
    invoke('remove_practice_card', { steps, number }),
  deletePracticeCard: (steps: Steps, number: string): Promise<void> =>
    invoke('delete_practice_card', { steps, number }),
  logIn: (steps: Steps, reader: string, url: string): Promise<LoginOutcome> =>
    invoke('log_in', { steps, reader, url }),
  services: (steps: Steps): Promise<ServiceInfo[]> => invoke('services', { steps }),
  uses: (steps: Steps): Promise<Uses> => invoke('uses', { steps }),
  forgetUses: (steps: Steps): Promise<void> => invoke('forget_uses', { steps }),
  programs: (steps: Steps): Promise<ProgramInfo[]> => invoke('programs', { steps }),
  forgetPrograms: (steps: Steps, executable: string | null): Promise<number> =>
    invoke('forget_programs', { steps, executable }),
  examine: (steps: Steps): Promise<Finding[]> => invoke('examine', { steps }),
  set: (steps: Steps, change: SettingChange): Promise<void> => invoke('set', { steps, change }),
  stored: (steps: Steps): Promise<Stored[]> => invoke('stored', { steps }),
  forget: (steps: Steps, what: Forgettable): Promise<void> => invoke('forget', { steps, what }),
  mend: (steps: Steps, remedy: Remedy): Promise<void> => invoke('mend', { steps, remedy }),
};

/** Namespace of a stage's own metrics. Each stage has one, so that none rings the alarms of another. */
export function metricsNamespace(stage: string): string {
  return `DJDashSwitchboard/${stage}`;
}

/** Every name in the account says whose it is and of which stage. */
export function resourceName(stage: string, ...parts: string[]): string {
  return ['switchboard', stage, ...parts].join('-');
}

/** The dead-letter queue of a queue or a stream consumer; of all timers together, `timers`. */
export function deadLettersOf(stage: string, source: string): string {
  return resourceName(stage, source, 'dead-letters');
}

/** What stands for the timers in the name of their dead-letter queue. */
export const timers = 'timers';

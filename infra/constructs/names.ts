/**
 * Namespace of the metrics that the functions of a stage write; the dimension `service` is a folder of functions/.
 * Each stage has its own, so that one does not ring the alarms of another.
 */
export function metricsNamespace(stage: string): string {
  return `DJDashSwitchboard/${stage}`;
}

/** Every name in the account says whose it is and of which stage. */
export function resourceName(stage: string, ...parts: string[]): string {
  return ['switchboard', stage, ...parts].join('-');
}

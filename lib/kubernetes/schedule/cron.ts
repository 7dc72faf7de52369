import { Cron } from 'croner';

/** What is wrong with a cron expression of five fields; undefined where nothing is. */
export function scheduleProblem(schedule: string): string | undefined {
  try {
    const cron = new Cron(schedule, { mode: '5-part', paused: true });
    return cron.nextRun() === null ? 'it never comes' : undefined;
  } catch (error) {
    return (error as Error).message.replace(/^CronPattern: |\.$/g, '').toLowerCase();
  }
}

const zones = new Map<string, boolean>();

/** Whether a name is that of a time zone, such as `Pacific/Auckland`. */
export function isTimeZone(name: string): boolean {
  if (!zones.has(name)) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: name });
      zones.set(name, true);
    } catch {
      zones.set(name, false);
    }
  }
  return zones.get(name)!;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS_OF_WEEK = 7;
const WEEKS_OF_YEAR = 53;

/** A night on which a clock time does not come exactly once, because the clocks are changed. */
export interface OddNight {
  /** Local date, such as `2027-09-26`. */
  readonly date: string;
  /** How often the time comes on that date: 0 when the clock skips it, 2 when it comes again. */
  readonly times: 0 | 2;
}

/**
 * The first night within a year of `from` on which a daily schedule (a cron expression with one fixed minute and hour) would
 * be left out, or run twice, in a time zone such as `Pacific/Auckland`.
 */
export function oddNight(schedule: string, timeZone: string, from: Date = new Date()): OddNight | undefined {
  const [, minute, hour] = /^(\d+) (\d+) /.exec(schedule) ?? [];
  if (minute === undefined) return undefined;
  const offset = offsetIn(timeZone);
  const start = Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate());
  const days = Array.from({ length: WEEKS_OF_YEAR }, (_, week) => week * DAYS_OF_WEEK)
    // Clocks are changed in few weeks of a year, so only their days are asked one by one.
    .filter((day) => offset(start + (day - 2) * DAY) !== offset(start + (day + DAYS_OF_WEEK + 2) * DAY))
    .flatMap((day) => Array.from({ length: DAYS_OF_WEEK }, (_, more) => day + more));
  for (const day of days) {
    // The wanted local time, read as if it were UTC.
    const wanted = start + day * DAY + Number(hour) * HOUR + Number(minute) * 60_000;
    const [before, after] = [offset(wanted - DAY), offset(wanted + DAY)];
    if (before === after) continue;
    const times = [before, after].filter((each) => offset(wanted - each) === each).length;
    if (times !== 1) return { date: new Date(wanted).toISOString().slice(0, 10), times: times as 0 | 2 };
  }
  return undefined;
}

/** Milliseconds that a time zone's clocks are ahead of UTC at an instant. */
function offsetIn(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  return (instant) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const { year, month, day, hour, minute, second } = parts as Record<string, number>;
    return Date.UTC(year!, month! - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
  };
}

const FORM = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Seconds since midnight of a time of the day, such as `08:30`; undefined where it is none. */
export function secondsOfDay(time: string): number | undefined {
  const [, hours, minutes] = FORM.exec(time) ?? [];
  return hours === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60;
}

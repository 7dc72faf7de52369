/** How a gateway answers somebody whom it does not know: refused, or sent to sign in. */
export const SESSION_STATUS: readonly number[] = [301, 302, 303, 307, 308, 401, 403];

/** The gateway does not know the sender: every further trial would meet that too, so the campaign stops. */
export class SessionRefused extends Error {
  constructor(what: string) {
    super(
      `The gateway refuses the session (${what}): get a new one (docs/how-to/run-a-campaign.md, "A session") and resume.`,
    );
  }
}

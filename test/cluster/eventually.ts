/**
 * Waits until `condition` holds, asking every 200 ms.
 *
 * @throws Error saying what never came, with the last error if there was one.
 */
export async function eventually(what: string, condition: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let problem = '';
    try {
      if (await condition()) return;
    } catch (error) {
      problem = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}${problem}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

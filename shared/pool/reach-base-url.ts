/** How long the API may take for an answer to itself; a cold start is part of it. */
const answerMs = 8000;

/**
 * Why this stage cannot be reached under a base URL: a domain that does not lead here yet, or leads to another stage. No
 * number may be pointed to such a URL, since all its calls would be lost. Undefined when the stage answers.
 */
export async function problemOf(baseUrl: string, stage: string): Promise<string | undefined> {
  const url = `${baseUrl}/api/health`;
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(answerMs) });
    if (response.status !== 200) return `${url} answers with status ${response.status}`;
    const body: unknown = await response.json();
    const answers = typeof body === 'object' && body !== null && 'stage' in body && body.stage === stage;
    return answers ? undefined : `${url} is not answered by stage ${stage}`;
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : message;
    return `${url} cannot be reached: ${why}`;
  }
}

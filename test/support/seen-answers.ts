import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const prefix = 'seen-answers-';

/** Where a process of a run keeps which answers it saw, a line for each: `GET /api/health 200`. */
export const seenFile = (runFolder: string, processId: number) => join(runFolder, `${prefix}${processId}`);

/** The documented answers that no process of a run saw. */
export async function unseenAnswers(runFolder: string): Promise<string[]> {
  const files = (await readdir(runFolder)).filter((name) => name.startsWith(prefix));
  const lines = await Promise.all(files.map((name) => readFile(join(runFolder, name), 'utf8')));
  const seen = new Set(lines.flatMap((text) => text.split('\n')));
  const { paths } = JSON.parse(await readFile('docs/openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, { responses: object }>>;
  };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
    ),
  );
  return all.filter((answer) => !seen.has(answer));
}

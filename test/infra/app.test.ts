import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test.each([
  ['that cdk.json does not have', 'nowhere', 'cdk.json has no stage "nowhere"; it has dev, prod, local\n'],
  ['whose settings are placeholders', 'prod', 'put your own into cdk.json, under context.stages.prod\n'],
])('a deployment says what is wrong with a stage %s, and nothing else', async (_what, stage, sentence) => {
  const script = fileURLToPath(new URL('../../infra/app.ts', import.meta.url));
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ stage }) };

  const refused = promisify(execFile)(process.execPath, [script], { env });

  await expect(refused).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(sentence),
  });
  await expect(refused).rejects.not.toMatchObject({ stderr: expect.stringMatching(/^ +at .*\.ts/m) });
});

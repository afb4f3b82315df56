import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { playStory, storyBegins, storyTimeZone } from '#infra/local/demo/story.ts';
import { Difference, Timeline } from '#infra/local/demo/timeline.ts';
import { testStack } from '#test/support/test-stack.ts';

function paper() {
  const lines: string[] = [];
  const timeline = new Timeline(storyTimeZone, (line) => {
    lines.push(stripVTControlCharacters(line));
  });
  return { timeline, text: () => lines.join('\n') };
}

test('the demo tells its story with the figures that the API confirms', async () => {
  const stack = await testStack({ at: storyBegins });
  const { timeline, text } = paper();
  await playStory(stack, timeline);

  expect(text()).toMatch(/16:00:00 {2}Office {5}buys 3 numbers/);
  expect(text()).toMatch(/16:06:40 {2}Anna {7}hangs up after 95 s/);
  expect(text()).toMatch(/│ DJ Dash: thanks for calling DJ Ben!/);
  expect(text()).toMatch(/Revenue +\$50\.00\n +Platform, 15 % +\$7\.50\n +For the DJ +\$42\.50/);
  expect(text()).toMatch(/Tom {8}hangs up while it rings/);
  expect(text()).toMatch(/DJ Ben {5}reads: "Are you free/);
  expect(text()).toMatch(/texts nobody: Tom asked for no more texts/);
  expect(text()).toMatch(/Robot {6}dials again and hears that the line is busy/);
  expect(text()).toMatch(/Revenue +\$30\.00\n +Platform, 15 % +\$4\.50\n +For the DJ +\$25\.50/);
  expect(
    text()
      .split('\n')
      .every((line) => line.length <= 100),
  ).toBe(true);
  expect(timeline.checks).toBeGreaterThan(15);

  // On a stack that has a past the story is another one, and the demo has to say so.
  await expect(playStory(stack, paper().timeline)).rejects.toThrow(Difference);
});

test('a difference is shown as what was expected and what came', () => {
  const { timeline, text } = paper();
  const check = () => timeline.check('The DJ got his share', { cents: 4250 }, { cents: 4251 });

  expect(check).toThrow('The DJ got his share');
  try {
    check();
  } catch (error) {
    timeline.difference(error as Difference);
  }
  expect(text()).toContain('✗  The DJ got his share');
  expect(text()).toMatch(/expected {2}\{ cents: 4251 \}\n +got {7}\{ cents: 4250 \}/);
  expect(timeline.checks).toBe(0);
});

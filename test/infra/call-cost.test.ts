import { describe, expect, it } from 'vitest';
import { callCost, totalUsd, type Usage } from '#infra/call-cost.ts';
import prices from '#infra/prices.json' with { type: 'json' };

const nothing: Usage = { writeUnits: 0, readUnits: 0, queueRequests: 0, runs: [] };

function run(functionId: string, more: Partial<Usage['runs'][number]> = {}): Usage['runs'][number] {
  return { functionId, memoryMb: 512, durationMs: 0, logBytes: 0, ...more };
}

function usdOf(kind: string, usage: Partial<Usage>): number | undefined {
  return callCost({ ...nothing, ...usage }).find((line) => line.kind === kind)?.usd;
}

describe('the cost of a million calls', () => {
  it('is nothing for what asks nothing of AWS', () => {
    expect(totalUsd(callCost(nothing))).toBe(0);
  });

  it('has the units of the table', () => {
    expect(usdOf('table writes', { writeUnits: 10 })).toBeCloseTo(10e6 * prices.usd.writeUnit.price);
    expect(usdOf('table reads', { readUnits: 4 })).toBeCloseTo(4e6 * prices.usd.readUnit.price);
  });

  it('has a request to the gateway for each run of an endpoint, and none for those of workers', () => {
    const runs = [run('calls.answerCall'), run('calls.answerCall'), run('messages.sendFollowUp')];

    expect(usdOf('API', { runs })).toBeCloseTo(2e6 * prices.usd.apiRequest.price);
    expect(usdOf('functions, runs', { runs })).toBeCloseTo(3e6 * prices.usd.invocation.price);
  });

  it('has two requests to the queue for each run of a worker, and none for those of the stream', () => {
    const runs = [run('messages.sendFollowUp'), run('outbox.relayChanges')];

    expect(usdOf('queues', { queueRequests: 1, runs })).toBeCloseTo(3e6 * prices.usd.queueRequest.price);
  });

  it('has the time of functions by their memory', () => {
    const runs = [run('calls.answerCall', { durationMs: 100, memoryMb: 1024 })];

    expect(usdOf('functions, time', { runs })).toBeCloseTo(0.1e6 * prices.usd.gigabyteSecond.price);
  });

  it('has the time in which the text waits for others, who answer at once on this machine', () => {
    expect(usdOf('functions, time', { runs: [run('messages.sendFollowUp')] })).toBeGreaterThan(0);
    expect(usdOf('functions, time', { runs: [run('calls.completeDial')] })).toBe(0);
  });

  it('has what functions print, and what Lambda and the gateway print of each run', () => {
    const printed = usdOf('logs', { runs: [run('calls.answerCall', { logBytes: 1000 })] }) ?? 0;
    const silent = usdOf('logs', { runs: [run('calls.answerCall')] }) ?? 0;

    expect(printed - silent).toBeCloseTo(1e9 * (prices.usd.logGigabyte.price / 1e9));
    expect(silent).toBeGreaterThan(0);
  });

  it('cannot be told of a function that nobody declares', () => {
    expect(() => callCost({ ...nothing, runs: [run('calls.nobody')] })).toThrow('calls.nobody');
  });
});

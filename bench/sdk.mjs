// The work items of the benchmarks, done with the official TypeScript SDK. See mistral.lua.
//
//   node bench/sdk.mjs WORK [ARGUMENTS...]
//
// BENCH_SDK is the directory that the SDK is installed in.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.env.BENCH_SDK}/`));
const { Mistral } = await import(pathToFileURL(require.resolve("@mistralai/mistralai")));
const client = new Mistral({ apiKey: "bench", serverURL: process.env.BENCH_URL });

const get = (executionId) => client.workflows.executions.getWorkflowExecution({ executionId });

const work = {
  async get(id, count) {
    for (let i = 0; i < count; i++) await get(id);
    return count;
  },
  async walk(pages) {
    let items = 0;
    let cursor;
    for (let i = 0; i < pages; i++) {
      const page = await client.workflows.getWorkflowRegistrations({ limit: 1000, cursor });
      items += page.workflowRegistrations.length;
      cursor = page.nextCursor;
      if (!cursor) break;
    }
    return items;
  },
  async map(id, count, concurrency) {
    let left = count;
    const worker = async () => { while (left-- > 0) await get(id); };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return count;
  },
};

const cpu = process.cpuUsage();
const start = process.hrtime.bigint();
const count = await work[process.argv[2]](process.argv[3], ...process.argv.slice(4).map(Number));
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const used = process.cpuUsage(cpu);
console.log(`seconds=${seconds.toFixed(6)} cpu=${((used.user + used.system) / 1e6).toFixed(6)} count=${count}`);

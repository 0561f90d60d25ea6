#!/usr/bin/env node
// Runs scenarios against one or more backends of the same HTTP contract. See ../README.md.
//   node bench.mjs --config targets/peer.json [--config targets/other.json] [--scenario all] [--runs 3] [--out out/x.json] [--quick]
//   node bench.mjs --target URL --db DSN --stub URL --secret S --scenario status-poll --params '{"conc":16}' --out x.json
import { spawn, spawnSync, execFileSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { callbackUrl } from './flow.mjs';
import { Conn } from './http.mjs';
import { cpuMs, pssMb, rssMb, tree, watch } from './proc.mjs';
import { reference } from './reference.mjs';
import { drain, plan, scenarios } from './scenarios.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const { values: o } = parseArgs({ options: {
  config: { type: 'string', multiple: true }, target: { type: 'string' }, stub: { type: 'string' }, secret: { type: 'string', default: 'nango-secret' }, db: { type: 'string' },
  scenario: { type: 'string', default: 'all' }, params: { type: 'string' }, out: { type: 'string', default: 'out/result.json' }, runs: { type: 'string', default: '1' }, quick: { type: 'boolean' },
  pid: { type: 'string' }, pgbin: { type: 'string', default: process.env.PGBIN ?? '' }, 'sql-users': { type: 'string' }, 'sql-repos': { type: 'string' }, 'sql-prs': { type: 'string' },
  'latency-ms': { type: 'string', default: '0' }, 'stub-port': { type: 'string' }, 'no-reference': { type: 'boolean' }, 'no-warmup': { type: 'boolean' }, check: { type: 'string' }, proof: { type: 'boolean' } } });

const defaults = {
  name: 'target', paths: { webhook: '/api/webhooks/nango', loginSession: '/auth/nango-session', loginStatus: '/auth/nango/status/',
    repoSession: '/auth/github-app-session', repoStatus: '/auth/github-app/status/', me: '/auth/me', health: '/auth/nango-session' },
  sync: { model: 'PullRequest', syncName: 'pull_requests' }, sql: {} };
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const clean = (v) => Object.fromEntries(Object.entries(v).filter(([, x]) => x !== undefined));

/** A port that nobody listens on. */
const freePort = () => new Promise((r) => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => r(port)); }); });

async function load(file) {
  const c = file ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
  const cfg = { ...defaults, ...c, paths: { ...defaults.paths, ...c.paths }, sync: { ...defaults.sync, ...c.sync }, ...clean({ url: o.target, db: o.db }),
    sql: { ...c.sql, ...clean({ users: o['sql-users'], repos: o['sql-repos'], prs: o['sql-prs'] }) }, secret: o.secret, stub: o.stub ?? `http://127.0.0.1:${o['stub-port']}` };
  const at = file ? path.dirname(path.resolve(file)) : '.';
  if (new URL(cfg.url).port === '0') cfg.url = cfg.url.replace(/:0(?=\/|$)/, `:${await freePort()}`);
  cfg.db = cfg.db?.replace('{PG}', process.env.BENCH_PG ?? 'postgres://postgres@127.0.0.1:55432');
  const vars = { DB: cfg.db, STUB: cfg.stub, SECRET: cfg.secret, URL: cfg.url, PORT: new URL(cfg.url).port, PGBIN: o.pgbin };
  const sub = (s) => String(s).replace(/\{([A-Z]+)\}/g, (m, k) => vars[k] ?? m);
  return { ...cfg, file, start: cfg.start && sub(cfg.start), setup: cfg.setup && sub(cfg.setup), cwd: path.resolve(at, cfg.cwd ?? '.'),
    env: { ...process.env, ...Object.fromEntries(Object.entries(cfg.env ?? {}).map(([k, v]) => [k, sub(v)])) } };
}

/** An empty database of the name in the DSN, with the target's schema. Only if the target says "fresh": true. */
async function prepareDb(cfg) {
  if (cfg.fresh) {
    const u = new URL(cfg.db), name = u.pathname.slice(1);
    u.pathname = '/postgres';
    const admin = postgres(u.href, { max: 1, onnotice: () => {} });
    await admin.unsafe(`drop database if exists "${name}" with (force)`);
    await admin.unsafe(`create database "${name}"`);
    await admin.end();
  }
  if (cfg.schema) {
    const db = postgres(cfg.db, { max: 1, onnotice: () => {} });
    await db.unsafe(fs.readFileSync(path.resolve(cfg.cwd, cfg.schema), 'utf8'));
    await db.end();
  }
  if (cfg.setup) execFileSync('sh', ['-c', cfg.setup], { cwd: cfg.cwd, env: cfg.env, stdio: ['ignore', 'ignore', 'inherit'] });
}
async function startTarget(cfg) {
  if (!cfg.start) return { pid: +(o.pid ?? 0), startMs: null, stop() {} };
  const log = fs.openSync(path.join(path.dirname(o.out), `${cfg.name}.log`), 'a'), t = performance.now();
  const child = spawn('sh', ['-c', `exec ${cfg.start}`], { cwd: cfg.cwd, env: cfg.env, detached: true, stdio: ['ignore', log, log] });
  const kill = (sig) => { try { process.kill(-child.pid, sig); } catch { /* gone */ } };
  running = kill;
  const conn = new Conn(cfg.url);
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${cfg.name} exited, see its log`);
    if ((await conn.send(conn.build('GET', cfg.paths.health))).status === 200) break;
    if (performance.now() - t > 60_000) throw new Error(`${cfg.name} does not answer`);
    await sleep(5);
  }
  conn.close();
  return { pid: child.pid, startMs: performance.now() - t, async stop() {
    const gone = new Promise((r) => child.once('exit', r));
    kill('SIGTERM');
    await Promise.race([gone, sleep(5000)]);
    kill('SIGKILL');
    fs.closeSync(log);
  } };
}

let running = null; // ends the target now running
for (const sig of ['SIGINT', 'SIGTERM']) process.on(sig, () => process.exit(1));
process.on('exit', () => running?.('SIGKILL'));
fs.mkdirSync(path.dirname(o.out), { recursive: true });
let stubProc;
o['stub-port'] ??= String(await freePort());
if (!o.stub) {
  stubProc = spawn(process.execPath, [path.join(here, '../stub/stub.mjs'), '--port', o['stub-port'], '--secret', o.secret, '--latency-ms', o['latency-ms']], { stdio: ['ignore', 'ignore', 'inherit'] });
  stubProc.on('exit', () => { console.error('the stub ended'); process.exit(1); });
  process.on('exit', () => stubProc.kill());
  await sleep(500);
}
const targets = await Promise.all((o.config ?? [undefined]).map(load)), results = [], save = () => fs.writeFileSync(o.out, JSON.stringify(results, null, 1));
const sign = (payload) => {
  const body = JSON.stringify(Object.fromEntries(Object.keys(payload).sort().map((k) => [k, payload[k]])));
  return { body, headers: { 'X-Nango-Signature': createHash('sha256').update(o.secret + body).digest('hex'), 'X-Nango-Hmac-Sha256': createHmac('sha256', o.secret).update(body).digest('hex'), 'content-type': 'application/json' } };
};
const short = (v) => typeof v === 'number' ? +v.toPrecision(4) : v;

for (let run = 1; run <= +o.runs; run++) {
  if (o.pgbin && !o['no-reference']) {
    const r = await reference(o.pgbin, new URL('/postgres', targets[0].db).href);
    results.push({ target: 'reference', run, scenario: 'reference', params: {}, metrics: r });
    console.log(`run ${run} reference`, JSON.stringify(r));
  }
  for (const cfg of targets) {
    const stub = new Conn(cfg.stub), ask = (n, b) => stub.json('POST', `/__control/${n}`, b ?? {});
    await ask('reset');
    await ask('config', { target: cfg.url + cfg.paths.webhook, secret: cfg.secret, maxPage: 10_000, webhookTimeoutMs: 20_000, callbackUrl: callbackUrl(cfg),
      appLogin: true, lostCredentials: false, nonCollaborator: 404, ...cfg.stubConfig });
    await prepareDb(cfg);
    const server = await startTarget(cfg), sql = postgres(cfg.db, { max: 2, onnotice: () => {} });
    if (o.check) { // the contract instead of the load: --check login
      const words = [path.join(here, 'check.mjs'), cfg.url, cfg.stub, cfg.secret, '--part', o.check, ...(o.proof ? ['--proof'] : []), ...(cfg.file ? ['--config', cfg.file] : [])];
      console.log(`${cfg.name}:`);
      if (spawnSync(process.execPath, words, { stdio: 'inherit' }).status !== 0) process.exitCode = 1;
      await sql.end();
      stub.close();
      await server.stop();
      continue;
    }
    const pgPid = +(await sql`select split_part(pg_read_file('postmaster.pid'), E'\n', 1) as pid`.catch(() => [{}]))[0].pid || 0;
    const usage = () => {
      const w = server.pid && watch(server.pid), pg0 = pgPid && cpuMs(pgPid), stub0 = stubProc && cpuMs(stubProc.pid), me = process.cpuUsage(), t = performance.now();
      return { stop(ops) { const u = w ? w.stop() : {}, m = process.cpuUsage(me);
        const wall = performance.now() - t; // busy: shares of a core
        return { ...u, driverBusy: (m.user + m.system) / 1000 / wall, stubBusy: stubProc ? (cpuMs(stubProc.pid) - stub0) / wall : null, cpuMsPerOp: w && ops ? u.cpuMs / ops : null, pgCpuMsPerOp: pgPid && ops ? (cpuMs(pgPid) - pg0) / ops : null };
      } };
    };
    const ctx = { cfg, stub, sql, sign, watch: usage };
    const wanted = o.params ? [[o.scenario, JSON.parse(o.params)]] : plan(cfg, { quick: o.quick }).filter(([s]) => o.scenario === 'all' || o.scenario.split(',').includes(s));
    let warm = false;
    for (const [scenario, params] of wanted) {
      let metrics;
      if (scenario === 'idle') {
        await sleep(2000);
        const pids = server.pid ? tree(server.pid) : [];
        metrics = { startMs: server.startMs, processes: pids.length, rssMb: rssMb(pids), pssMb: pssMb(pids) };
      } else {
        if (!warm && !o['no-warmup']) {
          warm = true;
          for (const door of ['login', ...(cfg.redirect ? ['login-redirect'] : [])]) await scenarios[door](ctx, { user: 'new', conc: 4, pollMs: 20, seconds: 2 }).catch((e) => console.error('warm-up:', e.message));
        }
        const drainMs = await drain(ctx);
        if (drainMs === null) console.error(`${cfg.name}: work left over from before ${scenario}`);
        if (cfg.sql.reset) await sql.unsafe(cfg.sql.reset);
        await ask('reset');
        try { metrics = await scenarios[scenario](ctx, params); } catch (e) { metrics = { error: String(e.message ?? e) }; }
      }
      results.push({ target: cfg.name, run, scenario, params, metrics });
      save();
      console.log(`run ${run} ${cfg.name} ${scenario} ${JSON.stringify(params)} ${JSON.stringify(metrics, (_, v) => short(v))}`);
    }
    await sql.end();
    stub.close();
    await server.stop();
  }
}
save();
process.exit();

// Tests of the harness itself: what the stub answers against what was recorded of Nango, then check.mjs --proof against fixture.mjs in both bindings.
//   node selftest.mjs
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const here = path.dirname(new URL(import.meta.url).pathname), STUB = 'http://127.0.0.1:4900', APP = 'http://127.0.0.1:4910', SINK = 4911, S = 'nango-secret';
const kids = [], run = (file, args, env) => { const c = spawn(process.execPath, [path.join(here, file), ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] }); kids.push(c); return c; };
process.on('exit', () => kids.forEach((c) => c.kill()));
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const hooks = [];
const sink = http.createServer((q, r) => { let b = ''; q.on('data', (d) => (b += d)).on('end', () => { hooks.push({ ...JSON.parse(b), headers: q.headers }); r.end('ok'); }); }).listen(SINK, '127.0.0.1');
run('../stub/stub.mjs', ['--port', '4900', '--secret', S, '--target', `http://127.0.0.1:${SINK}/`]);
await sleep(600);

async function call(method, at, { body, headers, key = true } = {}) {
  const r = await fetch(STUB + at, { method, redirect: 'manual', body: body && JSON.stringify(body), headers: { ...(key && { authorization: `Bearer ${S}` }), ...(body && { 'content-type': 'application/json' }), ...headers } });
  const text = await r.text();
  let json; try { json = JSON.parse(text); } catch { /* a page */ }
  return { status: r.status, json, text, location: r.headers.get('location'), cookie: r.headers.get('set-cookie') };
}
const ask = async (n, body = {}) => { const r = await call('POST', `/__control/${n}`, { body }); assert.equal(r.status, 200, r.text); return r.json; };
const session = async (id, app) => (await call('POST', '/connect/sessions', { body: { end_user: { id, email: `${id}@app.test` }, allowed_integrations: [app ? 'github-app-oauth' : 'github'] } })).json.data.token;
const read = async (id, app) => (await call('GET', `/connections/${id}?provider_config_key=${app ? 'github-app-oauth' : 'github'}`)).json;
const gh = (id, app, at, bearer) => call('GET', `/proxy${at}`, { headers: { 'connection-id': id, 'provider-config-key': app ? 'github-app-oauth' : 'github', ...(bearer && { 'nango-proxy-authorization': `Bearer ${bearer}` }) } });
const settled = async () => { await sleep(20); while ((await ask('open')).open) await sleep(10); return hooks.splice(0).filter(Boolean); };
const keys = (o) => Object.keys(o).sort().join();
let n = 0;
const test = async (what, f) => { await ask('reset'); await settled(); await f(); n++; console.log('ok  ', what); };

await test('a login connection, and what its person sees', async () => {
  const { connectionId: a } = await ask('authorize', { token: await session('u1'), githubUser: 71 }), c = await read(a);
  assert.equal(keys(c), 'connection_config,connection_id,created_at,credentials,end_user,errors,id,last_fetched_at,metadata,provider,provider_config_key,tags,updated_at,webhook_url_override');
  assert.match(c.credentials.access_token, /^ghu_/); assert.deepEqual(c.connection_config, {}); assert.equal(c.credentials.type, 'OAUTH2');
  assert.deepEqual((await gh(a, 0, '/user/installations')).json, { total_count: 0, installations: [] });
  const { connectionId: b, installationId: i } = await ask('authorize', { token: await session('u1', 1), githubUser: 71, repos: 120 });
  const mine = (await gh(a, 0, '/user/installations')).json;
  assert.deepEqual([mine.total_count, mine.installations[0].id, mine.installations[0].account.login], [1, i, `org${i}`]);
  const p2 = (await gh(a, 0, `/user/installations/${i}/repositories?per_page=100&page=2`)).json, all = (await gh(b, 1, '/installation/repositories?per_page=100&page=2')).json;
  assert.deepEqual([p2.total_count, p2.repositories.length, all.total_count, all.repositories[0].id], [120, 20, 120, p2.repositories[0].id]);
  assert.equal(p2.repositories[0].permissions.admin, true); assert.equal(all.repositories[0].permissions.admin, false); assert.equal(p2.repositories[0].owner.id, mine.installations[0].account.id);
  await ask('access', { installationId: i, githubUser: 72, visible: [3, 7], permission: 'write' });
  const { connectionId: e } = await ask('authorize', { token: await session('u2'), githubUser: 72 });
  assert.deepEqual((await gh(e, 0, `/user/installations/${i}/repositories`)).json.repositories.map((r) => r.name), ['repo-3', 'repo-7']);
  const perm = (login, repo = 'repo-3') => gh(b, 1, `/repos/org${i}/${repo}/collaborators/${login}/permission`);
  const w = await perm('user72');
  assert.deepEqual([w.json.permission, w.json.role_name, w.json.user.login, w.json.user.id], ['write', 'write', 'user72', 72]);
  assert.equal((await perm('user71', 'repo-119')).json.permission, 'admin');
  assert.equal((await perm('user72', 'repo-4')).status, 404); assert.equal((await perm('user99')).status, 404); assert.equal((await perm('user71', 'repo-120')).status, 404);
  await ask('access', { installationId: i, githubUser: 72, visible: 'none' });
  assert.equal((await gh(e, 0, '/user/installations')).json.total_count, 0);
  assert.equal((await gh(e, 0, `/user/installations/${i}/repositories`)).status, 404);
});
await test('a plain OAuth App cannot list installations', async () => {
  await ask('config', { appLogin: false });
  const { connectionId: a } = await ask('authorize', { token: await session('u1'), githubUser: 71 });
  assert.match((await read(a)).credentials.access_token, /^gho_/);
  const r = await gh(a, 0, '/user/installations');
  assert.equal(r.status, 403); assert.match(r.json.message, /access token authorized to a GitHub App/);
  assert.equal((await gh(a, 0, '/user')).json.id, 71);
  await ask('config', { appLogin: true });
});
await test('a repository connection: config, credentials, two webhooks, tokens', async () => {
  const { connectionId: b, installationId: i } = await ask('authorize', { token: await session('u1', 1), githubUser: 71, repos: 2 }), c = await read(b, 1), sent = await settled();
  assert.equal(keys(c.connection_config), 'appPublicLink,handle,installation_id,userCredentials'); assert.equal(c.connection_config.installation_id, String(i));
  assert.equal(keys(c.credentials), 'access_token,expires_at,jwtToken,raw,type'); assert.equal(c.credentials.type, 'APP');
  assert.deepEqual(sent.map((h) => h.operation).sort(), ['creation', 'override']); assert.ok(sent.every((h) => h.authMode === 'CUSTOM' && h.endUser.endUserId === 'u1' && h.success));
  for (const at of ['/user', '/user/installations', `/user/installations/${i}/repositories`]) assert.equal((await gh(b, 1, at)).status, 403, at);
  assert.equal((await gh(b, 1, '/user')).json.message, 'Resource not accessible by integration');
  const mine = c.connection_config.userCredentials.access_token;
  assert.equal((await gh(b, 1, '/user', mine)).json.id, 71); assert.equal((await gh(b, 1, `/user/installations/${i}/repositories`, mine)).json.total_count, 2);
  assert.equal((await gh(b, 1, '/user', 'ghu_nothing')).status, 401);
  const lost = await read((await ask('authorize', { token: await session('u3', 1), githubUser: 73, repos: 2, userCredentials: false })).connectionId, 1);
  assert.equal(keys(lost.connection_config), 'appPublicLink,installation_id,jwtToken');
});
await test('an installation that has a connection: re-tagged, one webhook', async () => {
  const one = await ask('authorize', { token: await session('u1', 1), githubUser: 71, repos: 2 });
  await settled();
  const two = await ask('authorize', { token: await session('u2', 1), githubUser: 72, installationId: one.installationId, visible: 'none' }), sent = await settled(), c = await read(one.connectionId, 1);
  assert.equal(two.connectionId, one.connectionId); assert.equal(sent.length, 1);
  assert.deepEqual([sent[0].operation, sent[0].authMode, sent[0].endUser.endUserId, sent[0].connectionId], ['override', 'APP', 'u2', one.connectionId]);
  assert.equal(keys(c.connection_config), 'appPublicLink,app_id,installation_id,jwtToken'); assert.deepEqual([c.end_user.id, c.tags.end_user_id], ['u2', 'u2']);
  assert.equal((await call('GET', '/connections?endUserId=u1')).json.connections.length, 0); assert.equal((await call('GET', '/connections?endUserId=u2')).json.connections.length, 1);
});
await test('pending, approved, and the second approval that fails', async () => {
  const { connectionId: p } = await ask('authorize', { token: await session('up', 1), githubUser: 74, pending: true }), c = await read(p, 1), sent = await settled();
  assert.deepEqual([sent.length, sent[0].operation, sent[0].authMode, sent[0].endUser.endUserId], [1, 'creation', 'CUSTOM', 'up']);
  assert.equal(keys(c.connection_config), 'appPublicLink,app_id,handle,pending,pendingLog,userCredentials'); assert.equal(c.credentials.type, 'OAUTH2');
  const r = await gh(p, 1, '/installation/repositories');
  assert.equal(r.status, 403); assert.match(r.json.message, /installation access token/);
  assert.equal((await gh(p, 1, '/user')).json.id, 74); assert.equal((await gh(p, 1, '/user/installations')).json.total_count, 0);
  const { approved, installationId } = await ask('approve', { connectionId: p, repos: 2 }), after = await settled(), d = await read(p, 1);
  assert.ok(approved); assert.equal(after.length, 2);
  const auth = after.find((h) => h.type === 'auth'), fwd = after.find((h) => h.type === 'forward');
  assert.deepEqual([auth.operation, auth.authMode, auth.endUser, auth.tags.end_user_id], ['override', 'APP', undefined, 'up']);
  assert.deepEqual([fwd.from, fwd.connectionId, fwd.payload.action, fwd.payload.installation.id, fwd.payload.requester.login, fwd.headers['x-github-event']], ['github-app-oauth', p, 'created', installationId, 'user74', 'installation']);
  assert.equal(d.connection_config.installation_id, installationId); assert.equal(d.connection_config.pending, true); assert.equal(d.credentials.type, 'APP');
  assert.equal((await gh(p, 1, '/installation/repositories')).json.total_count, 2);
  const q = await ask('authorize', { token: await session('up', 1), githubUser: 74, pending: true });
  await settled();
  assert.equal((await ask('approve', { connectionId: q.connectionId })).approved, false);
  assert.equal((await settled()).length, 0); assert.equal((await read(q.connectionId, 1)).connection_config.installation_id, undefined);
});
await test('errors of the proxy', async () => {
  const unknown = await gh('nope', 0, '/user');
  assert.deepEqual([unknown.status, unknown.json], [400, { error: { code: 'server_error', message: 'Failed to get connection' } }]);
  assert.equal((await call('GET', '/proxy/user', { headers: { 'provider-config-key': 'github' } })).json.error.code, 'invalid_headers');
  assert.equal((await call('GET', '/proxy/user', { headers: { 'provider-config-key': 'x', 'connection-id': 'y' } })).status, 404);
});
await test('syncs are told and started, and their records are of repositories that are there', async () => {
  const { connectionId: id, installationId } = await ask('authorize', { token: await session('us', 1), githubUser: 76, repos: 3 }), of = { connection_id: id, provider_config_key: 'github-app-oauth' };
  const told = await call('PATCH', '/connections/metadata', { body: { ...of, metadata: { repositories: [{ owner: 'a', repo: 'b' }] } } });
  assert.deepEqual([told.status, told.json.connection_id], [200, id]); assert.deepEqual((await read(id, 1)).metadata, { repositories: [{ owner: 'a', repo: 'b' }] });
  assert.equal((await call('POST', '/connections/metadata', { body: { ...of, metadata: { k: 'v' } } })).status, 201);
  const order = (action, more) => call('POST', `/sync/${action}`, { body: { ...of, syncs: ['pull_requests'], ...more } });
  assert.deepEqual([(await order('start')).json, (await order('trigger', { opts: { reset: true } })).json], [{ success: true }, { success: true }]);
  assert.equal((await order('start', { syncs: ['nope'] })).json.error.code, 'no_syncs_found'); assert.equal((await order('trigger', { connection_id: 'nope' })).status, 404);
  assert.equal((await call('POST', '/sync/trigger', { body: { syncs: ['pull_requests'] } })).json.error.code, 'missing_provider_config_key');

  const list = (query) => call('GET', `/records?model=PullRequest&${query}`, { headers: { 'connection-id': id, 'provider-config-key': 'github-app-oauth' } });
  const { modifiedAfter } = await ask('records', { connectionId: id, model: 'PullRequest', count: 5 }), one = (await list('limit=3')).json;
  assert.equal(one.next_cursor, one.records[2]._nango_metadata.cursor); assert.equal(one.records[1].html_url, `https://github.com/org${installationId}/repo-1/pull/2`);
  assert.equal(keys(one.records[0]._nango_metadata), 'cursor,deleted_at,first_seen_at,last_action,last_modified_at,pruned_at');
  assert.equal(keys(one.records[0]), keys({ ...JSON.parse(fs.readFileSync(path.join(here, '../../tests/fixtures/models/PullRequest.json'))), _nango_metadata: {} }));
  const rest = (await list(`cursor=${one.next_cursor}`)).json;
  assert.deepEqual([rest.records.map((r) => r.number), rest.next_cursor], [[4, 5], null]);
  assert.equal((await list(`modified_after=${modifiedAfter}`)).json.records.length, 5);
  assert.deepEqual([(await list('modified_after=2020-01-01T00:00:00Z')).status, (await list(`modified_after=${encodeURIComponent(modifiedAfter.replace('Z', '+00:00'))}`)).status], [400, 400]);
  assert.deepEqual([(await list('cursor=zzz')).status, (await list('limit=10001')).status], [500, 400]);
});
await test('OAuth by hand, both integrations', async () => {
  const callbackUrl = 'https://app.test/oauth/callback';
  await ask('config', { callbackUrl });
  const go = async (app, end, control) => {
    const a = await call('GET', `/oauth/connect/${app ? 'github-app-oauth' : 'github'}?connect_session_token=${await session(end, app)}`, { key: false }), at = new URL(a.location), state = at.searchParams.get('state');
    assert.equal(a.status, 302); assert.ok(a.cookie.startsWith(`oauth2-${state}=1;`)); assert.equal(at.searchParams.get('redirect_uri'), app ? null : callbackUrl);
    const b = await call('GET', `${at.pathname}${at.search}&${new URLSearchParams(control)}`, { key: false });
    assert.equal(b.status, 302); assert.ok(b.location.startsWith(callbackUrl), b.location);
    return new URL(b.location);
  };
  const back = (u) => call('GET', `/oauth/callback${u.search}`, { key: false });
  const u = await go(0, 'a1', { as: 71 }), ok = await back(u);
  assert.equal(ok.status, 200); assert.match(ok.text, /<html/);
  const [c] = (await call('GET', '/connections?endUserId=a1')).json.connections;
  assert.equal((await gh(c.connection_id, 0, '/user')).json.id, 71); assert.equal((await ask('state', { state: u.searchParams.get('state') })).connectionId, c.connection_id);
  assert.equal((await back(u)).status, 400); assert.equal((await call('GET', '/oauth/callback?code=x&state=unknown', { key: false })).status, 400);
  assert.equal((await settled()).length, 1);
  const no = await go(0, 'a2', { as: 71, deny: 1 });
  assert.equal((await back(no)).status, 400);
  const [sorry] = await settled();
  assert.deepEqual([sorry.success, sorry.endUser, sorry.error.type], [false, undefined, 'invalid_callback']);
  const i = await go(1, 'a3', { as: 71, repos: 5, visible: 2 });
  assert.deepEqual([...i.searchParams.keys()].sort().join(), 'code,installation_id,setup_action,state'); assert.equal(i.searchParams.get('setup_action'), 'install');
  assert.equal((await back(i)).status, 200); assert.equal((await settled()).length, 2);
  assert.equal((await gh(c.connection_id, 0, `/user/installations/${i.searchParams.get('installation_id')}/repositories`)).json.total_count, 2);
  const stolen = await go(1, 'a4', { as: 72 });
  stolen.searchParams.set('installation_id', i.searchParams.get('installation_id')); // a tampered callback
  assert.equal((await back(stolen)).status, 200);
  assert.deepEqual((await settled()).map((h) => [h.operation, h.authMode, h.endUser.endUserId]), [['override', 'APP', 'a4']]);
  const r = await go(1, 'a5', { as: 75, setup_action: 'request' });
  assert.equal(r.searchParams.get('installation_id'), null); assert.equal((await back(r)).status, 200);
  const bare = await go(1, 'a8', { as: 77 }); // the caller leaves the installation out
  await settled();
  bare.searchParams.delete('installation_id'); bare.searchParams.delete('setup_action');
  assert.equal((await back(bare)).status, 200);
  const [own] = (await call('GET', '/connections?endUserId=a8')).json.connections;
  assert.equal((await gh(own.connection_id, 1, '/user')).json.id, 77); assert.equal((await read(own.connection_id, 1)).connection_config.installation_id, undefined);
  const broken = await go(1, 'a6', { as: 76 });
  broken.searchParams.set('installation_id', '77');
  await settled();
  assert.equal((await back(broken)).status, 400); assert.deepEqual((await settled()).map((h) => [h.success, h.operation]), [[true, 'creation']]);
  assert.equal((await call('GET', `/oauth/connect/github-app-oauth?connect_session_token=${await session('a7')}`, { key: false })).status, 400);
  assert.equal((await call('GET', '/oauth/connect/github?connect_session_token=no', { key: false })).status, 401);
  await ask('config', { callbackUrl: null });
});
await test('an imported connection of an installation', async () => {
  const { installationId } = await ask('installation', { repos: 3 }), ids = { app_id: '1234', installation_id: String(installationId) };
  const body = { connection_id: 'inst-1', provider_config_key: 'github-app-oauth', credentials: { type: 'CUSTOM', ...ids }, connection_config: ids };
  assert.equal((await call('POST', '/connections', { body })).status, 201);
  assert.deepEqual((await settled()).map((h) => [h.operation, h.endUser, h.connectionId]), [['creation', undefined, 'inst-1']]);
  assert.equal((await gh('inst-1', 1, '/installation/repositories')).json.total_count, 3); assert.deepEqual((await read('inst-1', 1)).connection_config, ids);
  assert.equal((await call('POST', '/connections', { body: { ...body, nope: 1 } })).status, 400);
  assert.equal((await call('GET', '/connections?limit=2001')).status, 400);
});
console.log(`${n} tests of the stub`);

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'selftest-'));
for (const BINDING of ['cookie', 'callback']) {
  const kid = run('fixture.mjs', [], { PORT: '4910', NANGO_HOST: STUB, NANGO_SECRET_KEY: S, BINDING }), file = path.join(dir, `${BINDING}.json`);
  fs.writeFileSync(file, JSON.stringify({ redirect: { start: '/auth/login', return: '/' }, ...(BINDING === 'callback' && { callback: '/oauth/callback' }) }));
  await sleep(600);
  console.log(`check.mjs --proof, the fixture with BINDING=${BINDING}`);
  const r = spawnSync(process.execPath, [path.join(here, 'check.mjs'), APP, STUB, S, '--proof', '--config', file], { stdio: 'inherit' });
  kid.kill();
  await sleep(200);
  assert.equal(r.status, 0);
}
fs.rmSync(dir, { recursive: true });
process.exit(0);

// In-memory stand-in for the Nango HTTP API; GitHub, behind its proxy and in the browser, is github.mjs. No dependencies.
//   node stub.mjs --port 4000 --target http://127.0.0.1:4100/api/webhooks/nango --secret S [--latency-ms 0] [--app-login false]
// Shapes follow recorded traffic of Nango 0.71.4 and its source (packages/types, packages/server/lib/controllers, packages/webhooks/lib).
import http from 'node:http';
import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import * as gh from './github.mjs';
import * as shapes from './shapes.mjs';

const { values: opt } = parseArgs({ options: {
  port: { type: 'string', default: '4000' }, target: { type: 'string', default: 'http://127.0.0.1:4100/api/webhooks/nango' },
  secret: { type: 'string', default: 'nango-secret' }, 'api-key': { type: 'string' }, 'latency-ms': { type: 'string', default: '0' }, 'app-login': { type: 'string', default: 'true' } } });
const config = { target: opt.target, secret: opt.secret, apiKey: opt['api-key'] ?? opt.secret, latencyMs: +opt['latency-ms'],
  maxPage: 10_000, webhookTimeoutMs: 20_000, webhookRetries: 2, environment: 'dev',
  callbackUrl: null, // of Nango's environment and of the GitHub App; null: Nango's own /oauth/callback
  lostCredentials: false, // userCredentials and handle do not survive the connects that come by /oauth/callback
  appLogin: opt['app-login'] !== 'false' }; // the login integration has the GitHub App's client id (ghu_ tokens), or a plain OAuth App's (gho_)

const PROVIDER = { github: { provider: 'github', authMode: 'OAUTH2' }, 'github-app-oauth': { provider: 'github-app-oauth', authMode: 'CUSTOM' } };
const APP = 'github-app-oauth', APP_LINK = `https://github.com/apps/${gh.APP.slug}`;
const sessions = new Map(), connections = new Map(), states = new Map(), made = new WeakMap(), deliveries = new Map(), fails = new Map();
const index = new Map(); // 'user:<end user>', 'tag:<k>=<v>', 'installation:<id>' -> Set of connections, oldest first
let counters = {}, seq = 0, open = 0; // open: deliveries under way

// ---- webhooks (packages/webhooks/lib/utils.ts: keys sorted, two signatures, 1 attempt + 2 retries after 3 s and 6 s, none on 3xx/4xx)
const sortKeys = (v) => Array.isArray(v) ? v.map(sortKeys) : v && typeof v === 'object'
  ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, sortKeys(v[k])])) : v;
const agent = new http.Agent({ keepAlive: true, maxSockets: 512 });
const NETWORK = new Set(['ECONNRESET', 'ETIMEDOUT', 'ECONNABORTED', 'ECONNREFUSED', 'EHOSTUNREACH', 'EAI_AGAIN', 'UND_ERR_SOCKET']); // the errors Nango retries

function sign(payload, headers = {}) {
  const body = JSON.stringify(sortKeys(payload));
  return { body, headers: { ...headers, 'X-Nango-Signature': createHash('sha256').update(config.secret + body).digest('hex'),
    'X-Nango-Hmac-Sha256': createHmac('sha256', config.secret).update(body).digest('hex'), 'content-type': 'application/json', 'user-agent': 'nango/1' } };
}
const post = ({ body, headers }) => new Promise((done) => {
  const r = http.request(config.target, { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
    (res) => { res.resume(); res.on('end', () => done(res.statusCode)); });
  r.setTimeout(config.webhookTimeoutMs, () => r.destroy(Object.assign(new Error('timeout'), { code: 'ECONNABORTED' })));
  // the target closed an idle connection while we reused it: not a failed delivery, send again
  r.on('error', (e) => (r.reusedSocket && e.code === 'ECONNRESET' ? post({ body, headers }).then(done) : done(e.code ?? 'error')));
  r.end(body);
});
async function deliver(connectionId, payload, headers) {
  const signed = sign(payload, headers), log = { at: Date.now(), type: payload.type, attempts: [], done: false };
  (deliveries.get(connectionId) ?? deliveries.set(connectionId, []).get(connectionId)).push(log);
  open++;
  for (let attempt = 0; ; attempt++) {
    const t = performance.now(), status = await post(signed);
    log.attempts.push({ status, ms: Math.round(performance.now() - t) });
    counters[`webhook ${payload.type} ${status}`] = (counters[`webhook ${payload.type} ${status}`] ?? 0) + 1;
    if (!(status >= 500 || NETWORK.has(status)) || attempt >= config.webhookRetries) break;
    await new Promise((r) => setTimeout(r, 3000 * 2 ** attempt));
  }
  log.done = true;
  open--;
}
const authPayload = (c, operation = 'creation', authMode = PROVIDER[c.provider_config_key].authMode, endUser = c.end_user) => ({ from: 'nango', type: 'auth',
  connectionId: c.connection_id, providerConfigKey: c.provider_config_key, authMode, provider: c.provider, environment: config.environment, operation, tags: c.tags,
  endUser: endUser ? { endUserId: endUser.id, endUserEmail: endUser.email, organizationId: endUser.organization?.id, tags: endUser.tags ?? {} } : undefined,
  success: true });
/** A failed connect: the connection never exists, and nothing says whose it was. */
const failurePayload = (key, type, description) => ({ from: 'nango', type: 'auth', connectionId: randomUUID(), providerConfigKey: key, authMode: PROVIDER[key].authMode,
  provider: PROVIDER[key].provider, environment: config.environment, operation: 'creation', success: false, error: { type, description } });
const syncPayload = (c, o) => ({ from: 'nango', type: 'sync', connectionId: c.connection_id, providerConfigKey: c.provider_config_key, syncName: o.syncName,
  syncVariant: 'base', model: o.model, syncType: o.syncType ?? 'INCREMENTAL', success: true,
  responseResults: { added: o.added ?? 0, updated: o.updated ?? 0, deleted: o.deleted ?? 0 }, modifiedAfter: o.modifiedAfter, queryTimeStamp: o.modifiedAfter });

// ---- state
const apiEndUser = (e, org) => e && { id: e.id, display_name: e.display_name ?? null, email: e.email ?? null, tags: e.tags ?? null,
  organization: org ? { id: org.id, display_name: org.display_name ?? null } : null };
const lower = (tags) => Object.fromEntries(Object.entries(tags ?? {}).map(([k, v]) => [k.toLowerCase(), v]));
const tagsOf = (e, org, tags) => ({ ...(e && { end_user_id: e.id, ...(e.email && { end_user_email: e.email }), ...(e.display_name && { end_user_display_name: e.display_name }) }),
  ...(org && { organization_id: org.id, ...(org.display_name && { organization_display_name: org.display_name }) }), ...lower(e?.tags), ...lower(tags) });
const keysOf = (c) => [...(c.end_user ? [`user:${c.end_user.id}`] : []), ...Object.entries(c.tags).map(([k, v]) => `tag:${k}=${v}`),
  ...(c.config.installation_id === undefined ? [] : [`installation:${c.config.installation_id}`])];
const unlist = (c) => { for (const k of c.keys ?? []) { const set = index.get(k); set.delete(c); if (!set.size) index.delete(k); } };
const list = (c) => { unlist(c); c.keys = keysOf(c); for (const k of c.keys) (index.get(k) ?? index.set(k, new Set()).get(k)).add(c); return c; };

const inMs = (ms) => new Date(Date.now() + ms).toISOString();
const userCredentials = (user, app) => {
  const access_token = gh.userToken(user, app), expires_at = inMs(28_800_000);
  return app ? { type: 'OAUTH2', access_token, expires_at, raw: { access_token, expires_in: 28_800, refresh_token_expires_in: 15_897_600, token_type: 'bearer', scope: '', expires_at } }
    : { type: 'OAUTH2', access_token, raw: { access_token, token_type: 'bearer', scope: 'read:user,user:email' } };
};
const appCredentials = (id) => {
  const access_token = gh.installationToken(id), expires_at = inMs(3_600_000);
  return { type: 'APP', access_token, expires_at, raw: { token: access_token, expires_at, permissions: { contents: 'read', metadata: 'read', pull_requests: 'write' }, repository_selection: 'selected' },
    jwtToken: JWT };
};
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0In0.c3R1Yg', APP_ID = String(gh.APP.id);

/**
 * What Nango does when a browser comes back: makes (or overwrites) the connection of session s. Returns it and the webhooks to send.
 * user: whom the code belongs to, undefined without a code. lost: userCredentials and handle did not survive Nango's race. request: an owner must approve.
 */
function connect(s, key, { user, installationId, request, broken, lost, connectionId = randomUUID() }) {
  const fresh = (config, credentials) => {
    const now = new Date().toISOString(), c = { id: ++seq, connection_id: connectionId, provider_config_key: key, provider: PROVIDER[key].provider, errors: [],
      end_user: apiEndUser(s.end_user, s.organization), tags: tagsOf(s.end_user, s.organization, s.tags), metadata: null, created: now, updated: now, user, config, credentials, records: new Map() };
    connections.set(connectionId, c);
    return list(c);
  };
  if (key !== APP) { const c = fresh({}, userCredentials(user, config.appLogin)); return { c, hooks: [authPayload(c)] }; }
  const reused = { app_id: APP_ID, jwtToken: JWT, appPublicLink: APP_LINK, installation_id: String(installationId) };
  const old = request || broken ? null : [...(index.get(`installation:${installationId}`) ?? [])].find((c) => c.provider_config_key === key);
  if (old) { // another connection has this installation: Nango gives it to the new session, and exchanges no code
    Object.assign(old, { end_user: apiEndUser(s.end_user, s.organization), tags: tagsOf(s.end_user, s.organization, s.tags), config: reused, credentials: appCredentials(installationId), updated: new Date().toISOString() });
    return { c: list(old), hooks: [authPayload(old, 'override', 'APP')] };
  }
  if (user === undefined) { const c = fresh(reused, appCredentials(installationId)); return { c, hooks: [authPayload(c, 'creation', 'APP')] }; } // setup_action=update, no code
  const mine = { handle: shapes.login(user), appPublicLink: APP_LINK }, credentials = userCredentials(user, true);
  if (request) {
    const c = fresh({ app_id: APP_ID, ...mine, pending: true, pendingLog: `${Date.now()}_stub`, userCredentials: credentials }, credentials);
    return { c, hooks: [authPayload(c)] };
  }
  if (broken) { const c = fresh({ ...mine, installation_id: String(installationId), userCredentials: credentials }, credentials); return { c, hooks: [authPayload(c)] }; }
  const c = fresh(lost ? { appPublicLink: APP_LINK, installation_id: String(installationId), jwtToken: JWT } : { ...mine, installation_id: String(installationId), userCredentials: credentials }, appCredentials(installationId));
  const hooks = [authPayload(c, 'override'), authPayload(c)]; // in most of the recorded runs override came first exactly when the credentials survived
  return { c, hooks: lost ? hooks.reverse() : hooks };
}
const sendAll = (c, hooks) => { for (const h of hooks) void deliver(c.connection_id, h); };
/** POST /connections: an installation's connection with an id of the caller's choice, and no end user unless one is given. */
function importConnection(body) {
  const { connection_id: id = randomUUID(), provider_config_key: key, credentials, connection_config = {}, end_user, tags } = body ?? {}, k = unknownKey(body, BODY.import);
  if (k || !PROVIDER[key]) return err(400, k ? 'invalid_body' : 'unknown_provider_config', k ?? 'provider_config_key');
  if (key !== APP || credentials?.type !== 'CUSTOM' || !credentials.app_id || !gh.known(credentials.installation_id)) return err(400, 'invalid_body', 'credentials');
  const c = connections.get(id) ?? { id: ++seq, connection_id: id, provider_config_key: key, provider: PROVIDER[key].provider, errors: [], metadata: null, created: new Date().toISOString(), user: undefined, records: new Map() };
  const operation = connections.has(id) ? 'override' : 'creation';
  Object.assign(c, { end_user: apiEndUser(end_user), tags: tagsOf(end_user, null, tags), updated: new Date().toISOString(), config: connection_config, credentials: appCredentials(credentials.installation_id) });
  connections.set(id, c);
  sendAll(list(c), [authPayload(c, operation, 'CUSTOM', null)]);
  return { status: 201, json: full(c) };
}
const simple = ({ id, connection_id, provider_config_key, provider, errors, end_user, tags, metadata, created }) =>
  ({ id, connection_id, provider_config_key, provider, errors, end_user, tags, metadata, created });
const full = (c) => { const { created, ...s } = simple(c); return { ...s, connection_config: c.config, webhook_url_override: null, created_at: created.replace('Z', '+00:00'),
  updated_at: c.updated.replace('Z', '+00:00'), last_fetched_at: new Date().toISOString().replace('Z', '+00:00'), credentials: c.credentials }; };

function setRecords(c, { model, count, from = 0, action = 'ADDED' }) {
  const list = c.records.get(model) ?? [], end = list.at(-1), old = new Map();
  const at = Math.max(Date.now(), end ? end.at + Math.ceil(end.us / 1000) + 1 : 0); // keeps the list sorted by (at, us)
  const kept = list.filter((e) => (e.i < from || e.i >= from + count) || (old.set(e.i, e), false));
  for (let k = 0; k < count; k++) kept.push({ i: from + k, action, at, us: k, first: old.get(from + k)?.first ?? at });
  c.records.set(model, kept);
  return new Date(at).toISOString();
}
const cursorOf = (e) => Buffer.from(`${shapes.stamp(e.at, e.us)}||00000000-0000-4000-8000-${String(e.i).padStart(12, '0')}`).toString('base64');

// ---- HTTP
// Nango validates strictly (zod strict objects): what it would refuse must fail here too
const BODY = { session: ['end_user', 'organization', 'allowed_integrations', 'integrations_config_defaults', 'overrides', 'webhook_url_override', 'tags'],
  end_user: ['id', 'email', 'display_name', 'tags'], patch: ['end_user', 'tags', 'webhook_url_override'],
  import: ['connection_id', 'provider_config_key', 'credentials', 'connection_config', 'metadata', 'end_user', 'tags'],
  trigger: ['syncs', 'sync_mode', 'full_resync', 'connection_id', 'provider_config_key', 'opts'],
  start: ['syncs', 'connection_id', 'provider_config_key'], metadata: ['connection_id', 'provider_config_key', 'metadata'],
  list: ['connectionId', 'search', 'endUserId', 'integrationId', 'endUserOrganizationId', 'limit', 'page'],
  records: ['model', 'variant', 'delta', 'modified_after', 'limit', 'filter', 'cursor', 'ids'] };
const SYNCS = ['pull_requests', 'pull-requests', 'commits', 'issues'], YEAR_MS = 365 * 86_400_000; // the syncs that are deployed
const unknownKey = (o, keys) => Object.keys(o ?? {}).find((k) => !keys.includes(k));
const badBody = (body, keys) => {
  if (!body || typeof body !== 'object') return 'body';
  const e = body.end_user, k = unknownKey(body, keys) ?? unknownKey(e, BODY.end_user);
  if (k) return k;
  if (e && (typeof e.id !== 'string' || !e.id)) return 'end_user.id';
  if (e && 'email' in e && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(e.email)) return 'end_user.email';
};
const err = (status, code, message) => ({ status, json: { error: { code, message } } });
function records(req, q) {
  const c = connections.get(req.headers['connection-id']), model = q.get('model');
  if (!c || c.provider_config_key !== req.headers['provider-config-key']) return err(400, 'unknown_connection', 'Provided ConnectionId and ProviderConfigKey does not match a valid connection');
  const limit = +(q.get('limit') ?? 100), since = q.get('modified_after') ?? q.get('delta'), after = since ? Date.parse(since) : 0;
  if (!/^[A-Z][a-zA-Z0-9_-]+$/.test(model ?? '') || !(limit >= 1 && limit <= 10_000) || [...q.keys()].some((k) => !BODY.records.includes(k))) return err(400, 'invalid_query_params', 'model or limit');
  if (since && (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(since) || !(after > Date.now() - YEAR_MS))) return err(400, 'invalid_query_params', 'modified_after'); // no offset, and within the last 12 months
  const list = c.records.get(model) ?? [], of = c.config.installation_id;
  const filter = q.get('filter')?.toUpperCase().split(','), max = Math.min(limit, config.maxPage);
  let k = 0;
  if (q.get('cursor')) { // position after the cursor: binary search by (time, us)
    const [ts, id] = Buffer.from(q.get('cursor'), 'base64').toString().split('||');
    if (!id) return err(500, 'server_error', 'Failed to fetch records');
    let lo = 0, hi = list.length;
    while (lo < hi) { const m = (lo + hi) >> 1; if (shapes.stamp(list[m].at, list[m].us) <= ts) lo = m + 1; else hi = m; }
    k = lo;
  }
  const out = [];
  let lastCursor = null, more = false;
  for (; k < list.length; k++) {
    const e = list[k];
    if (e.at + Math.floor(e.us / 1000) < after || (filter && !filter.includes(e.action))) continue;
    if (out.length === max) { more = true; break; }
    out.push(shapes.recordJson(model, e, lastCursor = cursorOf(e), gh.repoOfRecord(of, e.i)));
  }
  return { text: `{"next_cursor":${more ? `"${lastCursor}"` : null},"records":[${out.join()}]}` };
}

/** POST /sync/trigger and /sync/start; nothing runs, records are put there by the control. */
function syncs(action, req, body) {
  const key = body?.provider_config_key ?? req.headers['provider-config-key'], id = body?.connection_id ?? req.headers['connection-id'];
  if (!Array.isArray(body?.syncs) || unknownKey(body, BODY[action])) return err(400, 'invalid_body', 'syncs');
  if (!key) return err(400, 'missing_provider_config_key', 'Missing provider_config_key. Provide it in the body or headers.');
  if (!PROVIDER[key]) return err(400, 'unknown_provider_config', key);
  if (id && connections.get(id)?.provider_config_key !== key) return err(404, 'unknown_connection', 'No connection matching the provided params');
  return body.syncs.every((x) => SYNCS.includes(x.name ?? x)) ? { json: { success: true } } : err(400, 'no_syncs_found', 'No syncs found given the inputs.');
}
/** What the syncs of a connection read there: POST puts it in place of what was there, PATCH on top. */
function metadata(method, body) {
  const { connection_id: id, provider_config_key: key, metadata: given } = body ?? {}, c = connections.get(id);
  if (unknownKey(body, BODY.metadata) || !id || !key || typeof given !== 'object' || !given) return err(400, 'invalid_body', 'metadata');
  if (c?.provider_config_key !== key) return err(404, 'unknown_connection', 'No connection');
  c.metadata = method === 'POST' ? given : { ...c.metadata, ...given };
  return { status: method === 'POST' ? 201 : 200, json: body };
}
function proxy(req, path, q) {
  const id = req.headers['connection-id'], key = req.headers['provider-config-key'], override = req.headers['nango-proxy-authorization'];
  if (!id || !key) return err(400, 'invalid_headers', !key ? 'provider-config-key' : 'connection-id');
  if (!PROVIDER[key]) return err(404, 'unknown_provider_config', 'Provider config not found for the given provider config key. Please make sure the provider config exists in the Nango dashboard.');
  const c = connections.get(id);
  if (!c || c.provider_config_key !== key) return err(400, 'server_error', 'Failed to get connection');
  return gh.api(req.method, path, q, override ? /^(?:bearer|token) (.+)$/i.exec(override)?.[1] : c.credentials.access_token);
}
const proxyKey = (method, p) => `${method} /proxy${(p.startsWith('/repos/') ? p.replace(/^\/repos\/[^/]+\/[^/]+/, '/repos/{owner}/{repo}') : p.replace(/\/\d+/, '/{id}')).replace(/collaborators\/[^/]+/, 'collaborators/{login}')}`;

// ---- OAuth: what a browser (or a backend in its place) asks of Nango. No secret key.
const html = (status, text) => ({ status, text: `<html><body><p>${text}</p></body></html>`, headers: { 'content-type': 'text/html; charset=utf-8' } });
const callbackUrl = (req) => config.callbackUrl ?? `http://${req.headers.host}/oauth/callback`;
function oauthConnect(req, key, q) {
  const token = q.get('connect_session_token'), session = sessions.get(token);
  if (!session) return err(401, 'unknown_connect_session_token', 'Authentication failed. The provided connect session token does not match any account.');
  if (q.has('connection_id')) return err(400, 'invalid_query_params', 'connection_id is forbidden when using session token');
  if (!PROVIDER[key]) return err(404, 'unknown_provider_config', key);
  if (session.allowed_integrations?.length && !session.allowed_integrations.includes(key)) return { status: 400, json: { error: { code: 'integration_not_allowed' } } };
  const state = randomUUID(), at = `http://${req.headers.host}`;
  states.set(state, { session, key, used: false });
  const location = key === APP ? `${at}/apps/${gh.APP.slug}/installations/new?state=${state}`
    : `${at}/login/oauth/authorize?${new URLSearchParams({ response_type: 'code', client_id: gh.APP.clientId, redirect_uri: callbackUrl(req), scope: 'read:user user:email', state })}`;
  return { status: 302, text: '', headers: { location, 'set-cookie': `oauth2-${state}=1; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax` } };
}
function oauthCallback(q) {
  const st = states.get(q.get('state')), installationId = q.get('installation_id'), action = q.get('setup_action');
  if (!q.has('state') && installationId && action) return { status: 302, text: '', headers: { location: 'https://github.com' } }; // begun on GitHub's side
  if (!st || st.used) return html(400, 'Connection failed: no session found for this state');
  st.used = true;
  const fail = (type, text) => { const p = failurePayload(st.key, type, text); void deliver(p.connectionId, p); return html(400, 'Connection failed'); };
  const noCode = !q.get('code'), update = st.key === APP && action === 'update' && installationId;
  if (noCode && !update) return fail('invalid_callback', `Did not get authorization code in the callback.${q.has('error') ? ` Provider error: error: ${q.get('error')}; error_description: ${q.get('error_description')}` : ''}`);
  const request = st.key === APP && !installationId; // an owner is asked, or the caller left the installation out: a connection with the person's own token
  const user = noCode ? undefined : gh.redeem(q.get('code'));
  if (!noCode && user === undefined && !index.has(`installation:${installationId}`)) return fail('unable_to_parse_token_response', 'OAuth2 token request failed, response from the server could not be parsed');
  const broken = st.key === APP && !request && !gh.known(installationId); // no token for that installation: Nango has already told the app of a success
  const { c, hooks } = connect(st.session, st.key, { user, installationId, request, broken, lost: config.lostCredentials });
  st.connectionId = c.connection_id;
  made.set(st.session, c.connection_id);
  sendAll(c, hooks);
  return broken ? html(400, 'Connection failed') : html(200, 'Successful connection. You can close this window.');
}

/** [counter key, handler, needs no secret key] of a public call. */
function route(method, path, req, q, body) {
  if (path.endsWith('/') && path.length > 1) path = path.slice(0, -1);
  if (method === 'POST' && path === '/connect/sessions') return ['POST /connect/sessions', () => {
    const bad = badBody(body, BODY.session) ?? (!body.end_user && !body.tags ? 'end_user' : body.allowed_integrations?.find((k) => !PROVIDER[k]));
    if (bad) return err(400, 'invalid_body', bad);
    const token = `nango_connect_session_${randomBytes(32).toString('hex')}`, expires_at = new Date(Date.now() + 1_800_000).toISOString();
    sessions.set(token, body);
    return { status: 201, json: { data: { token, connect_link: `https://connect.nango.dev/?session_token=${token}`, expires_at } } };
  }];
  if (path.startsWith('/proxy/')) { const p = path.slice(6); return [proxyKey(method, p), () => proxy(req, p, q)]; }
  if (method === 'GET' && path.startsWith('/oauth/connect/')) return ['GET /oauth/connect', () => oauthConnect(req, path.slice(15), q), true];
  if (method === 'GET' && path === '/oauth/callback') return ['GET /oauth/callback', () => oauthCallback(q), true];
  if (method === 'GET' && (path.startsWith('/login/oauth/') || path.startsWith('/apps/'))) return ['github.com', () => gh.browserPage(path, q, callbackUrl(req)) ?? err(404, 'not_found', path), true];
  if (method === 'GET' && path === '/records') return ['GET /records', () => records(req, q)];
  if (method === 'POST' && (path === '/sync/trigger' || path === '/sync/start')) return [`POST ${path}`, () => syncs(path.slice(6), req, body)];
  if ((method === 'POST' || method === 'PATCH') && path === '/connections/metadata') return [`${method} /connections/metadata`, () => metadata(method, body)];
  if (method === 'POST' && path === '/connections') return ['POST /connections', () => importConnection(body)];
  if (method === 'GET' && (path === '/connections' || path === '/connection')) return ['GET /connections', () => {
    const unknown = [...q.keys()].find((k) => !BODY.list.includes(k) && !k.startsWith('tags['));
    if (unknown) return err(400, 'invalid_query_params', unknown);
    const limit = +(q.get('limit') ?? 10_000);
    if (q.has('limit') && !(limit >= 1 && limit <= 2000)) return err(400, 'invalid_query_params', 'limit');
    const skip = +(q.get('page') ?? 0) * limit, out = [];
    const tags = [...q].filter(([k]) => k.startsWith('tags[')).map(([k, v]) => [k.slice(5, -1), v]);
    const one = q.get('connectionId'), key = q.get('endUserId') ? `user:${q.get('endUserId')}` : tags.length ? `tag:${tags[0].join('=')}` : null; // newest first
    const pool = one ? [connections.get(one)].filter(Boolean) : [...(key ? index.get(key) ?? [] : connections.values())].reverse();
    let seen = 0;
    for (const c of pool) {
      if (q.get('integrationId') && !q.get('integrationId').split(',').includes(c.provider_config_key)) continue;
      if (q.get('endUserId') && c.end_user?.id !== q.get('endUserId')) continue;
      if (q.get('endUserOrganizationId') && c.end_user?.organization?.id !== q.get('endUserOrganizationId')) continue;
      if (q.get('search') && !`${c.connection_id} ${c.end_user?.email} ${c.end_user?.id}`.includes(q.get('search'))) continue;
      if (tags.some(([k, v]) => c.tags[k] !== v)) continue;
      if (seen++ >= skip && out.push(simple(c)) >= limit) break;
    }
    return { json: { connections: out } };
  }];
  const integration = /^\/integrations\/([^/]+)$/.exec(path)?.[1];
  if (integration && method === 'GET') return ['GET /integrations/{key}', () => {
    const key = decodeURIComponent(integration), include = q.getAll('include'), at = '2026-01-01T00:00:00.000Z';
    if (include.some((x) => x !== 'webhook' && x !== 'credentials')) return err(400, 'invalid_query_params', 'include');
    if (!PROVIDER[key]) return err(404, 'not_found', `Integration "${key}" does not exist`);
    return { json: { data: { unique_key: key, display_name: key, provider: PROVIDER[key].provider, logo: `http://${req.headers.host}/images/${key}.svg`, forward_webhooks: true, created_at: at, updated_at: at,
      ...(include.includes('credentials') && { credentials: key === APP ? { type: 'CUSTOM', client_id: gh.APP.clientId, client_secret: 'stub', app_id: APP_ID, app_link: APP_LINK, private_key: 'stub' }
        : { type: 'OAUTH2', client_id: gh.APP.clientId, client_secret: 'stub', scopes: 'read:user,user:email', webhook_secret: null } }) } } };
  }];
  const id = /^\/connections?\/([^/]+)$/.exec(path)?.[1];
  if (id) return [`${method} /connections/{id}`, () => {
    const c = connections.get(decodeURIComponent(id)), key = q.get('provider_config_key');
    if (!key) return err(400, 'invalid_query_params', 'provider_config_key');
    if (!PROVIDER[key]) return err(400, 'unknown_provider_config', 'Provider does not exists');
    if (!c || c.provider_config_key !== key) return method === 'DELETE' ? err(400, 'unknown_connection', 'No connection') : err(404, 'not_found', 'Failed to find connection');
    if (method === 'GET') return { json: full(c) };
    if (method === 'DELETE') { connections.delete(c.connection_id); unlist(c); return { json: { success: true } }; }
    if (method === 'PATCH') {
      const bad = badBody(body, BODY.patch);
      if (bad) return err(400, 'invalid_body', bad);
      if (body?.end_user) { c.end_user = apiEndUser(body.end_user); c.tags = tagsOf(body.end_user, null, body.tags); }
      else if (body?.tags) c.tags = lower(body.tags);
      list(c);
      c.updated = new Date().toISOString();
      return { json: { success: true } };
    }
    return err(404, 'not_found', 'Not found');
  }];
  return [`${method} other`, () => err(404, 'not_found', `Not found ${path}`)];
}

const conn = (b) => connections.get(b.connectionId);
const control = {
  // { token, githubUser = 1, repos = 0, installations = 1, installationId, visible, permission, pending, userCredentials = true, deliver = true }:
  // a person authorizes a session. For the App: on a new installation with `repos` repositories, or on the one given; sees all of it unless `visible` says otherwise.
  authorize({ token, githubUser = 1, repos = 0, installations = 1, installationId, visible, permission, pending, userCredentials = true, deliver: now = true, connectionId, providerConfigKey }) {
    const s = sessions.get(token), key = providerConfigKey ?? s?.allowed_integrations?.[0] ?? 'github';
    if (!s) return err(404, 'no_session', 'unknown token');
    if (key === APP && !pending) {
      const per = Math.ceil(repos / installations), given = installationId !== undefined;
      if (given && !gh.known(installationId)) return err(404, 'no_installation', 'unknown installationId');
      for (let k = 0; !given && k < installations; k++) {
        const i = gh.install({ repos: Math.max(0, Math.min(per, repos - k * per)) });
        installationId ??= i.id;
        gh.setAccess(i.id, githubUser, { visible, permission });
      }
      if (given && (visible !== undefined || !gh.hasAccess(installationId, githubUser))) gh.setAccess(installationId, githubUser, { visible, permission });
    }
    const { c, hooks } = connect(s, key, { user: githubUser, installationId, request: !!pending, lost: !userCredentials, connectionId }), at = Date.now();
    const out = { connectionId: c.connection_id, installationId };
    if (now === false) { const [first, ...more] = hooks.map((h) => sign(h)); return { json: { ...out, ...first, ...(more.length && { webhooks: [first, ...more] }) } }; }
    sendAll(c, hooks);
    return { json: { ...out, at } };
  },
  // { connectionId, repos = 1, visible, permission, account }: an owner approves the request of a pending connection
  approve({ connectionId, repos = 1, visible, permission, account }) {
    const asked = connections.get(connectionId), { handle } = asked.config, i = gh.install({ repos, account });
    gh.setAccess(i.id, asked.user, { visible, permission });
    const c = [...connections.values()].find((x) => x.config.pending && x.config.handle === handle); // the first one that ever asked: pending is never cleared
    if (c.config.installation_id !== undefined) return { json: { approved: false, installationId: i.id } }; // so the second approval of a person fails, and sends nothing
    Object.assign(c, { config: { ...c.config, jwtToken: JWT, installation_id: i.id }, credentials: appCredentials(i.id), updated: new Date().toISOString() });
    void deliver(c.connection_id, authPayload(list(c), 'override', 'APP', null));
    setTimeout(deliver, 5, c.connection_id, { from: APP, type: 'forward', connectionId: c.connection_id, providerConfigKey: APP, payload: gh.event(i, 'created', {
      requester: { login: handle, id: asked.user, type: 'User' }, sender: { login: 'user2', id: 2, type: 'User' } }) },
    { 'x-github-event': 'installation', 'x-github-delivery': randomUUID(), 'x-github-hook-id': '1', 'x-github-hook-installation-target-id': APP_ID, 'x-github-hook-installation-target-type': 'integration' });
    return { json: { approved: true, connectionId: c.connection_id, installationId: i.id } };
  },
  installation: ({ repos = 1, account }) => ({ json: { installationId: gh.install({ repos, account }).id } }),   // { repos, account: { login, id, type } }: nobody sees it yet
  access: (b) => { gh.setAccess(b.installationId, b.githubUser, b); return { json: { ok: true } }; },            // { installationId, githubUser, visible, permission }
  state: (b) => ({ json: { connectionId: (b.token ? made.get(sessions.get(b.token) ?? b) : states.get(b.state)?.connectionId) ?? null } }), // { state } or { token } (of a connect session): the connection that its OAuth flow made
  records: (b) => ({ json: { modifiedAfter: setRecords(conn(b), b) } }),                       // { connectionId, model, count, from, action }
  sync(b) {                                                                                    // { connectionId, model, syncName, added, ... }
    void deliver(b.connectionId, syncPayload(conn(b), b));
    return { json: { at: Date.now() } };
  },
  sign: (b) => ({ json: sign(b.payload) }),
  deliveries: (b) => ({ json: deliveries.get(b.connectionId) ?? [] }),
  counters: () => ({ json: counters }),
  open: () => ({ json: { open } }),                                                            // deliveries under way
  config: (b) => { if (b.nonCollaborator) gh.options.nonCollaborator = b.nonCollaborator; return { json: Object.assign(config, b) }; }, // { maxPage, latencyMs, target, callbackUrl, appLogin, ... }
  fail: (b) => (b.n ? fails.set(b.endpoint, b) : fails.delete(b.endpoint), { json: { ok: true } }), // { endpoint: 'GET /proxy/user', n, mode: 500|429|403|'timeout'|'reset' }
  reset: () => { for (const m of [sessions, connections, states, index, deliveries, fails]) m.clear(); gh.reset(); counters = {}; return { json: { ok: true } }; },
};

const send = (res, { status = 200, json, text, headers }) => {
  const out = Buffer.from(text ?? JSON.stringify(json));
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': out.length, ...headers });
  res.end(out);
};
function handle(req, res, raw) {
  const at = req.url.indexOf('?'), path = at < 0 ? req.url : req.url.slice(0, at), q = new URLSearchParams(at < 0 ? '' : req.url.slice(at + 1));
  let body;
  try { body = raw ? JSON.parse(raw) : undefined; } catch { return send(res, err(400, 'invalid_json', 'body')); }
  if (path.startsWith('/__control/')) {
    const f = control[path.slice(11)];
    try { return send(res, f ? f(body ?? Object.fromEntries(q)) : err(404, 'not_found', path)); } catch (e) { return send(res, err(500, 'control', String(e.stack))); }
  }
  const [key, run, isPublic] = route(req.method, path, req, q, body);
  counters[key] = (counters[key] ?? 0) + 1;
  if (!isPublic && req.headers.authorization !== `Bearer ${config.apiKey}`) return send(res, err(401, 'unknown_account', 'Authentication failed'));
  const fail = fails.get(key);
  if (fail) {
    if (--fail.n <= 0) fails.delete(key);
    if (fail.mode === 'timeout') return;                       // never answered
    if (fail.mode === 'reset') return req.socket.destroy();
    const status = +fail.mode;
    return send(res, { status, json: path.startsWith('/proxy') ? { message: status === 403 ? 'Resource not accessible by integration' : 'failure', status: String(status) } : { error: { code: 'server_error', message: 'failure' } },
      headers: status === 429 ? { 'retry-after': '1' } : {} });
  }
  if (config.latencyMs && key !== 'github.com') setTimeout(() => send(res, run()), config.latencyMs); else send(res, run());
}

const server = http.createServer({ keepAliveTimeout: 120_000 }, (req, res) => {
  if (req.method === 'GET' || req.headers['content-length'] === '0') return handle(req, res, '');
  let raw = '';
  req.setEncoding('utf8').on('data', (d) => (raw += d)).on('end', () => handle(req, res, raw));
});
server.listen(+opt.port, '127.0.0.1', () => console.log(`stub on ${opt.port}, webhooks to ${config.target}`));

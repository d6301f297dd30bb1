// What a program on @kubernetes/client-node does: prints "ok <step>" for each step, and "cut" where the connection is to be cut, until there is a file of that name; exits with 1 at the first
// failure. Arguments: the folder of the libraries, the namespace. The kubeconfig is in KUBECONFIG.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PassThrough, Readable } from 'node:stream';

const [, , libraries, namespace] = process.argv;
const k8s = await import(createRequire(libraries + '/').resolve('@kubernetes/client-node'));

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const coordination = config.makeApiClient(k8s.CoordinationV1Api);
const deadline = setTimeout(() => fail(new Error('not done in 170 s')), 170_000);

function fail(error) {
  console.log('failed', error.stack ?? error, error.body ?? '');
  process.exit(1);
}

function map(name, value, labels = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: { key: value } };
}

async function refused(code, call) {
  await assert.rejects(call, (error) => {
    assert.equal(error.code, code, String(error));
    return true;
  });
}

async function until(what, holds) {
  while (!(await holds())) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  console.log('ok', what);
}

async function crud() {
  await core.createNamespacedConfigMap({ namespace, body: map('crud', 'one') });
  await refused(409, () => core.createNamespacedConfigMap({ namespace, body: map('crud', 'one') }));
  const read = await core.readNamespacedConfigMap({ namespace, name: 'crud' });
  read.data.key = 'two';
  await core.replaceNamespacedConfigMap({ namespace, name: 'crud', body: read });
  await refused(409, () => core.replaceNamespacedConfigMap({ namespace, name: 'crud', body: read }));
  const patched = await core.patchNamespacedConfigMap(
    { namespace, name: 'crud', body: { data: { more: 'three' } } },
    k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch),
  );
  assert.deepEqual(patched.data, { key: 'two', more: 'three' });
  const list = await core.listNamespacedConfigMap({ namespace });
  assert.ok(list.items.some((item) => item.metadata.name === 'crud'));
  await core.deleteNamespacedConfigMap({ namespace, name: 'crud' });
  await refused(404, () => core.readNamespacedConfigMap({ namespace, name: 'crud' }));
  console.log('ok crud');
}

async function watch() {
  const events = [];
  const informer = k8s.makeInformer(
    config,
    `/api/v1/namespaces/${namespace}/configmaps`,
    () => core.listNamespacedConfigMap({ namespace, labelSelector: 'watched=yes' }),
    'watched=yes',
  );
  for (const kind of ['add', 'update', 'delete']) {
    informer.on(kind, (object) => events.push(`${kind} ${object.metadata.name}`));
  }
  let errors = 0;
  // The library leaves it to its user to go on after an error.
  const again = () => setTimeout(() => informer.start().catch(again), 50);
  informer.on('error', () => {
    errors++;
    again();
  });
  await informer.start();
  await core.createNamespacedConfigMap({ namespace, body: map('seen-0', 'x', { watched: 'yes' }) });
  await until('seen', () => events.includes('add seen-0'));
  console.log('cut');
  // Whoever cuts says when the last connection is.
  await until('cut off', () => errors > 0 && existsSync(libraries + '/cut'));
  await core.createNamespacedConfigMap({ namespace, body: map('seen-1', 'x', { watched: 'yes' }) });
  await core.deleteNamespacedConfigMap({ namespace, name: 'seen-0' });
  await until('resumed', () => events.includes('add seen-1') && events.includes('delete seen-0'));
  assert.equal(new Set(events).size, events.length, `twice: ${events}`);
  await informer.stop();
}

async function apply() {
  const options = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.ServerSideApply);
  const as = (fieldManager, value, force) =>
    core.patchNamespacedConfigMap(
      { namespace, name: 'applied', body: map('applied', value), fieldManager, force },
      options,
    );
  await as('first', 'one');
  await refused(409, () => as('second', 'two'));
  assert.equal((await as('second', 'two', true)).data.key, 'two');
  console.log('ok apply');
}

async function exec() {
  const out = new PassThrough();
  const errors = new PassThrough();
  const text = { out: '', errors: '' };
  out.on('data', (bytes) => (text.out += bytes));
  errors.on('data', (bytes) => (text.errors += bytes));
  const status = await new Promise((resolve, reject) => {
    new k8s.Exec(config)
      .exec(namespace, 'shell', 'shell', ['sh', '-c', 'read line; echo got $line; echo bad >&2; exit 3'], out, errors,
        Readable.from(['word\n']), false, resolve)
      .catch(reject);
  });
  await until('output', () => text.out === 'got word\n' && text.errors === 'bad\n');
  assert.equal(status.status, 'Failure');
  assert.equal(status.details.causes.find((cause) => cause.reason === 'ExitCode').message, '3');
  console.log('ok exec');
}

// The library has no election of its own: a Lease and its resourceVersion are what programs make one of.
async function elect() {
  const now = () => new k8s.V1MicroTime();
  const take = async (identity) => {
    const lease = await coordination.readNamespacedLease({ namespace, name: 'election' });
    const renewed = new Date(lease.spec.renewTime ?? 0).getTime();
    if (lease.spec.holderIdentity !== identity && Date.now() < renewed + lease.spec.leaseDurationSeconds * 1000) {
      return false;
    }
    lease.spec.holderIdentity = identity;
    lease.spec.renewTime = now();
    try {
      await coordination.replaceNamespacedLease({ namespace, name: 'election', body: lease });
      return true;
    } catch (error) {
      assert.equal(error.code, 409);
      return false;
    }
  };
  await coordination.createNamespacedLease({
    namespace,
    body: { metadata: { name: 'election' }, spec: { leaseDurationSeconds: 15 } },
  });
  const rivals = ['a', 'b', 'c', 'd', 'e'];
  const taken = await Promise.all(rivals.map(take));
  assert.equal(taken.filter(Boolean).length, 1, `leaders: ${taken}`);
  const first = rivals[taken.indexOf(true)];
  const other = rivals.find((rival) => rival !== first);
  assert.equal(await take(other), false);
  assert.equal(await take(first), true);
  await until('elected', () => take(other));
}

try {
  await crud();
  await watch();
  await apply();
  await exec();
  await elect();
  console.log('done');
  clearTimeout(deadline);
  process.exit(0);
} catch (error) {
  fail(error);
}

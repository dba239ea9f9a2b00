// Programs that run in a project of a user, by `node --eval`. Each prints JSON.

/** Imports every entry point that it is given. Prints what went wrong, by entry point. */
export const importAll = `
const failures = {}
for (const name of process.argv.slice(1)) {
  try {
    const loaded = await import(name, name.endsWith('.json') ? { with: { type: 'json' } } : undefined)
    if (Object.keys(loaded).length === 0) failures[name] = 'it exports nothing'
  } catch (error) {
    failures[name] = error.message
  }
}
console.log(JSON.stringify(failures))
`

/** The same for CommonJS. */
export const requireAll = `
const failures = {}
for (const name of process.argv.slice(1)) {
  try {
    if (Object.keys(require(name)).length === 0) failures[name] = 'it exports nothing'
  } catch (error) {
    failures[name] = error.message
  }
}
console.log(JSON.stringify(failures))
`

/**
 * Calls what needs a peer, as far as it can without a server: dockerode is the caller's to give, client-node is loaded
 * where a KubeConfig is given. Prints how each call ended.
 */
export const usePeers = `
import { pullImage } from 'pullpass/docker'
import { applyProxy, checkPermissions, ensureImagePullSecret, imagePullSecret } from 'pullpass/kubernetes'

const registry = { server: 'registry.example.com', username: 'myuser', password: 'mypassword' }
const kubeConfig = {
  makeApiClient(Api) {
    throw new Error('client-node loaded: ' + typeof Api)
  },
}
const docker = await import('dockerode').then(({ default: Docker }) => new Docker({ socketPath: '/none' }), () => {})
const calls = {
  dockerode: () => pullImage(docker, 'alpine', { signal: AbortSignal.abort(new Error('dockerode taken')) }),
  'client-node': () => ensureImagePullSecret(kubeConfig, { namespace: 'default', registry }),
  'access reviews': () => checkPermissions(kubeConfig, { namespace: 'default' }),
  'no api': () => ensureImagePullSecret(undefined, { namespace: 'default', registry }),
  'no kubeconfig': async () => applyProxy(undefined),
  'no peer needed': async () => { throw new Error(imagePullSecret({ registry }).kind) },
}
const ends = {}
for (const [name, call] of Object.entries(calls)) {
  ends[name] = await call().then(() => 'no error', (error) => error.name + ': ' + error.message)
}
console.log(JSON.stringify(ends))
`

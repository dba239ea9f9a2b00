// The main job, step by step: from an operator's YAML to a container that runs from a private registry.
//
//   npm run quickstart      on a registry inside this process, with a user, a password and an image made on the spot
//   QUICKSTART_CONFIG=my.yaml QUICKSTART_IMAGE=acme/app:1.0 npm run quickstart      on your own
import { fileURLToPath } from 'node:url'
import Docker from 'dockerode'
import { formatTrace, parseImageReference, PullpassError, resolveImage } from 'pullpass'
import { deployContainer } from 'pullpass/docker'
import { imagePullSecret } from 'pullpass/kubernetes'
import { defaultCredentials, loadSettings } from 'pullpass/node'
import { explainPull, formatExplanation } from 'pullpass/registry'
import { makeTestImage, startTestRegistry, type TestRegistry } from 'pullpass/testing'
import { heading, logger, maskedYaml, progressBar, say } from './support/output.ts'

const ownConfig = process.env['QUICKSTART_CONFIG']
const image = process.env['QUICKSTART_IMAGE'] ?? 'opencti/connector-example:1.0.0'
const file = ownConfig ?? fileURLToPath(new URL('opencti.yaml', import.meta.url))

/** The registry of the demonstration, for the user and password that `opencti.yaml` names. */
function startDemoRegistry(): Promise<TestRegistry> {
  const message = 'Hello from a container whose image came from a private registry.\n'
  const user = { username: 'myuser', password: 'mypassword' }
  return startTestRegistry({ user, images: { 'opencti/connector-example:1.0.0': makeTestImage({ message }) } })
}

async function quickstart(registry: TestRegistry | undefined): Promise<void> {
  heading(`Read the operator's settings: ${file}`)
  // The registry listens on any free port. That an environment variable wins over the file comes in handy.
  const override = registry && { OPENCTI__DAEMON__REGISTRY__SERVER: registry.host }
  if (override) say(`with OPENCTI__DAEMON__REGISTRY__SERVER=${override.OPENCTI__DAEMON__REGISTRY__SERVER}`)
  const settings = await loadSettings({ file, env: { ...process.env, ...override }, logger })
  console.log(settings)

  heading('Resolve the image name')
  const resolved = resolveImage(image, settings.registry)
  say(`${image} -> ${resolved}`)

  heading('Find the credentials')
  const reference = parseImageReference(resolved)
  const { source, trace } = await defaultCredentials(settings).resolve(reference)
  say(formatTrace(trace))
  say(`-> ${source}`)

  heading('Ask the registry')
  if (registry) {
    const manifest = `http://${registry.host}/v2/${reference.repository}/manifests/${reference.tag ?? 'latest'}`
    const login = `${settings.registry?.username ?? ''}:${settings.registry?.password ?? ''}`
    const authorization = `Basic ${Buffer.from(login).toString('base64')}`
    const show = ({ status, statusText }: Response): void => say(`HEAD ${manifest} -> ${status} ${statusText}`)
    show(await fetch(manifest, { method: 'HEAD' }))
    show(await fetch(manifest, { method: 'HEAD', headers: { authorization } }))
  } else {
    say(formatExplanation(await explainPull(image, { settings })))
  }

  if (settings.registry?.username !== undefined) {
    heading('The same as a Kubernetes pull secret')
    say(maskedYaml(imagePullSecret({ registry: settings.registry })).trimEnd())
  }

  heading('Deploy the container')
  if (!(await engineAnswers())) {
    say('No Docker engine answers here (DOCKER_HOST, or the usual socket): skipped.')
    return
  }
  const createOptions = { HostConfig: { NetworkMode: 'none' }, Tty: true }
  const spec = { image, settings, createOptions }
  const { container } = await deployContainer(new Docker(), spec, { logger, onProgress: progressBar })
  const { StatusCode } = (await container.wait()) as { StatusCode: number }
  say(`It ended with status ${StatusCode} and said:`)
  say((await container.logs({ stdout: true, stderr: true })).toString().trimEnd())
  await container.remove()
}

async function engineAnswers(): Promise<boolean> {
  try {
    await new Docker({ timeout: 1000 }).ping()
    return true
  } catch {
    return false
  }
}

const registry = ownConfig === undefined ? await startDemoRegistry() : undefined
try {
  await quickstart(registry)
} catch (error) {
  if (!(error instanceof PullpassError)) throw error
  console.error(`\n${error.code}: ${error.message}\n${error.hint ?? ''}`)
  process.exitCode = 1
} finally {
  await registry?.close()
}

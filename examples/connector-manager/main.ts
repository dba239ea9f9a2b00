// Makes the connectors that run equal to those of a configuration file: deploys what is missing or changed, keeps what
// is the same, removes what is gone. Run it again after every change, and now and then.
//
//   node examples/connector-manager/main.ts config.yaml
import { classifyPullFailure, type Orchestrator as Selector } from 'pullpass'
import { explainPull, formatExplanation } from 'pullpass/registry'
import { logger } from './logger.ts'
import { type Connect, readConfig } from './config.ts'

// Loaded when it is chosen: only its own client has to be installed.
const orchestrators: Record<Selector, () => Promise<{ connect: Connect }>> = {
  docker: () => import('./docker.ts'),
  swarm: () => import('./swarm.ts'),
  portainer: () => import('./portainer.ts'),
  kubernetes: () => import('./kubernetes.ts'),
}

async function reconcile(file: string, signal: AbortSignal): Promise<void> {
  const config = await readConfig(file)
  const { selector, settings, connectors } = config
  const { connect } = await orchestrators[selector]()
  const { list, deploy, remove } = await connect(config, signal)
  const ours = await list()
  for (const name of ours.filter((each) => !connectors.some(({ name }) => name === each))) {
    signal.throwIfAborted()
    await remove(name)
    logger.info({ orchestrator: selector, connector: name }, 'Removed connector')
  }
  for (const connector of connectors) {
    const fields = { orchestrator: selector, connector: connector.name }
    signal.throwIfAborted()
    try {
      const action = await deploy(connector, ours.includes(connector.name))
      logger.info({ ...fields, action }, 'Connector runs as configured')
    } catch (error) {
      signal.throwIfAborted()
      report(error, fields)
      const explanation = await explainPull(connector.image, { settings, signal })
      if (!explanation.verdict.pullable) console.error(formatExplanation(explanation))
    }
  }
}

function report(error: unknown, fields: object = {}): void {
  const { code, message, hint } = classifyPullFailure(error)
  logger.error({ ...fields, code, hint }, message)
  process.exitCode = 1
}

const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => stop.abort(new Error(`Stopped by ${name}`)))
try {
  await reconcile(process.argv[2] ?? 'config.yaml', stop.signal)
} catch (error) {
  report(error)
}

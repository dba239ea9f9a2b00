// node examples/why-cant-i-pull.ts IMAGE
import { loadSettings } from 'pullpass/node'
import { explainPull, formatExplanation } from 'pullpass/registry'

const [image = 'opencti/connector-example:1.0.0'] = process.argv.slice(2)
const settings = await loadSettings({ file: 'opencti.yaml' })
const explanation = await explainPull(image, { settings })
console.log(formatExplanation(explanation))
process.exitCode = explanation.verdict.pullable ? 0 : 1

// Writes docs/configuration.md and docs/opencti.schema.json from the schemas in src/settings/: `npm run
// docs:configuration`, or `node docs/configuration.ts` after a build. With `--check` it writes nothing, and fails where
// one of them is not what it would write.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { type ConfigurationKey, configurationKeys } from '../dist/settings/configuration-keys.js'
import { configurationJsonSchema } from '../dist/settings/json-schema.js'
import { orchestrators } from '../dist/settings/schema.js'
import { sections } from '../dist/settings/sections.js'

const introduction = `# Configuration reference

<!-- Generated from the schemas in src/settings/ by docs/configuration.ts: npm run docs:configuration -->

Every key that pullpass reads of an operator's configuration. What they are for is told in
[private registries](private-registries.md) and [proxies](proxies.md), and
[an editor can check them](private-registries.md#in-an-editor).

- A key is written in the YAML or JSON file; a dot is a level. The environment variable says the same, \`__\` for a level.
- \`key:\` with nothing behind it and an empty variable count as not set.
- Numbers, \`true\` and \`false\` may be text, as they are in variables: \`"60"\`, \`TRUE\`.
- **Heeded by** names the orchestrators for which the key changes what \`loadSettings\` and \`parseOpenCtiSettings\` return.
`

/** Title and prose of each section, by its path. */
const about: Readonly<Record<string, readonly [title: string, text: string]>> = {
  'opencti.daemon': [
    'The daemon',
    `The environment wins over the file. A variable may be in any case; the one in capitals wins. Other keys of
\`opencti.daemon\` are none of pullpass's business.`,
  ],
  'opencti.daemon.registry': [
    'The registry',
    `The environment wins over the file. Without \`server\`, \`username\`, \`password\` and \`email\`, no registry is configured,
and image names stay as they are. A user needs a password, and a password a user; either may come from the environment.
A key that is not in this table is ignored, with a warning.`,
  ],
  'opencti.daemon.docker.registry': [
    'The registry for Docker',
    `For the Docker orchestrator it wins over \`opencti.daemon.registry\`; where the orchestrator is not known, it counts only
if nothing is in that. The environment wins over the file. A key that is not in this table is ignored, with a warning.`,
  ],
  '': [
    'The proxy',
    `At the root of the file. Counts only where \`opencti.daemon.with_proxy\` is \`true\`. **The file wins over the
environment**, key by key. Keys and variables may be in capitals or in small letters: small letters win in the file,
capitals in the environment. Empty text and an empty list count as not set. With the option \`strictTls: true\`,
\`https_proxy_reject_unauthorized\` is \`true\` unless set; \`false\` is a warning, written or not.`,
  ],
  'app.https_cert': [
    "The platform's own certificate",
    `Read by \`parsePlatformHttpsCert\`, and used for no pull and no proxy: beside an https proxy without keys of its own, it
is a warning. The environment wins over the file.`,
  ],
}

function page(): string {
  const keys = configurationKeys()
  const tables = sections.map((section) => {
    const [title, text] = about[section.path] ?? []
    if (title === undefined || text === undefined)
      throw new Error(`docs/configuration.ts says nothing about ${section.path}`)
    const rows = keys.filter((key) => key.section === section).map(row)
    return `## ${title}\n\n${text}\n\n${table(rows)}\n`
  })
  return [introduction, ...tables].join('\n')
}

function row({ path, variable, type, byDefault, section, description }: ConfigurationKey): string[] {
  return [
    `<a id="${path}"></a>\`${path}\``,
    `\`${variable}\``,
    type,
    byDefault === undefined ? 'none' : `\`${JSON.stringify(byDefault).replaceAll('"', '')}\``,
    heededBy(section.orchestrators),
    description,
  ]
}

function heededBy(heeding: readonly string[]): string {
  if (heeding.length === orchestrators.length) return 'all'
  return heeding.length === 0 ? 'none' : heeding.map((name) => `\`${name}\``).join(', ')
}

function table(rows: readonly (readonly string[])[]): string {
  const head = ['key', 'environment variable', 'type', 'default', 'heeded by', 'what']
  const cells = [head, head.map(() => '---'), ...rows]
  return cells.map((line) => `| ${line.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}

const files = { 'configuration.md': page(), 'opencti.schema.json': JSON.stringify(configurationJsonSchema()) }
for (const [name, text] of Object.entries(files)) {
  const file = join(import.meta.dirname, name)
  const formatted = await format(text, { ...(await resolveConfig(file)), filepath: file })
  if (!process.argv.includes('--check')) writeFileSync(file, formatted)
  else if (readFileSync(file, 'utf8') !== formatted) {
    console.error(`docs/${name} is not what the schemas say: npm run docs:configuration`)
    process.exitCode = 1
  }
}

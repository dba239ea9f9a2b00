import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { pullSecretRole, pullSecretRoleBinding } from '../../../src/adapters/kubernetes/index.js'

const page = readFileSync(join(import.meta.dirname, '../../../docs/kubernetes.md'), 'utf8')

describe('docs/kubernetes.md', () => {
  it('shows the Role and the RoleBinding as they are made', () => {
    const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(page) ?? []
    const namespace = 'connectors'
    const subject = { name: 'xtm-composer', namespace: 'default' }
    expect(parseAllDocuments(yaml).map((document) => document.toJS() as unknown)).toEqual([
      pullSecretRole({ namespace }),
      pullSecretRoleBinding({ namespace, subject }),
    ])
  })
})

/**
 * Merges the scopes of registry tokens (`repository:acme/app:pull`, several in one string parted by blanks) into one
 * sorted list without repetitions: actions on one resource become one scope.
 *
 * @see https://distribution.github.io/distribution/spec/auth/scope/
 */
export function mergeScopes(scopes: readonly string[]): readonly string[] {
  const [only = ''] = scopes
  // Nearly always.
  if (scopes.length === 1 && only.endsWith(':pull') && !only.includes(' ')) return scopes
  const actionsOf = new Map<string, Set<string>>()
  for (const scope of scopes.flatMap((text) => text.split(' '))) {
    if (scope === '') continue
    // A repository may have a port in its name, so the actions are behind the last colon.
    const colon = scope.lastIndexOf(':')
    const resource = colon === -1 ? scope : scope.slice(0, colon)
    const actions = actionsOf.get(resource) ?? new Set()
    if (colon !== -1) for (const action of scope.slice(colon + 1).split(',')) actions.add(action)
    actionsOf.set(resource, actions)
  }
  return [...actionsOf]
    .map(([resource, actions]) => (actions.size === 0 ? resource : `${resource}:${[...actions].sort().join(',')}`))
    .sort()
}

/** What pulling from a repository takes. */
export function pullScope(repository: string): string {
  return `repository:${repository}:pull`
}

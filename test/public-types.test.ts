import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

/** The public surface as TypeScript sees it, a file an entry point: a change of it is a decision. To take one: `vitest -u`. */
const root = fileURLToPath(new URL('..', import.meta.url))
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Record<string, { types: string } | string>
}
const entryPoints = Object.entries(exports).flatMap(([key, target]) =>
  typeof target === 'string' ? [] : [{ name: key.slice(2) || 'index', types: `${root}${target.types.slice(2)}` }],
)
const program = ts.createProgram(
  entryPoints.map(({ types }) => types),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2024, types: ['node'], skipLibCheck: true },
)
const checker = program.getTypeChecker()
const printer = ts.createPrinter({ removeComments: true })

it.each(entryPoints)('the public types of $name are those written down', async ({ name, types }) => {
  const file = program.getSourceFile(types)!
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(file)!)
  const texts = symbols.map((symbol) => declarationOf(symbol)).sort()
  expect(texts).not.toEqual([])
  await expect(`${texts.join('\n')}\n`).toMatchFileSnapshot(`public-types/${name}.txt`)
})

function declarationOf(symbol: ts.Symbol): string {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const nodes = (target.declarations ?? []).map((node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node))
  return nodes.map((node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())).join('\n')
}

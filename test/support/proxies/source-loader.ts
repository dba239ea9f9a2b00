import { registerHooks } from 'node:module'

/** Lets a Node of its own load the TypeScript of `src`, whose imports end in `.js`. */
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context)
    } catch (error) {
      if (!specifier.startsWith('.') || !specifier.endsWith('.js')) throw error
      return next(specifier.replace(/\.js$/, '.ts'), context)
    }
  },
})

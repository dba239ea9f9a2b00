import { describe, expect, it } from 'vitest'
import { isRegistryHost, isRepositoryPath } from '../../src/host.js'

describe('isRegistryHost', () => {
  it.each([
    'a',
    'alpine',
    'a-b',
    'a--b.c',
    'A.b',
    '1.2.3.4',
    'xn--bcher-kva.example',
    'a:0',
    'a.b:99999999',
    '[::1]',
    '[A:b]:1',
    'localhost',
  ])('%s is one', (text) => {
    expect(isRegistryHost(text)).toBe(true)
  })

  it.each([
    '',
    '-a',
    'a-',
    '.a',
    'a.',
    'a..b',
    'a.-b',
    'a_b',
    'a/b',
    'a:',
    'a:b',
    'a:1:2',
    ':1',
    '[]',
    '[::1',
    '[::g]',
    '[::1]a',
    '[::1]:',
    '::1',
    'é.com',
    ' a',
    'a b',
  ])('%j is not', (text) => {
    expect(isRegistryHost(text)).toBe(false)
  })
})

describe('isRepositoryPath', () => {
  it.each(['a', '0', 'a/b/c', 'a.b', 'a_b', 'a__b', 'a-b', 'a----b', 'a.b_c__d-e/f'])('%s is one', (text) => {
    expect(isRepositoryPath(text)).toBe(true)
  })

  it.each([
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    'A',
    'a..b',
    'a___b',
    'a._b',
    'a-_b',
    '-a',
    'a-',
    'a.',
    'a__',
    'a:b',
    'a@b',
    'a b',
    'a{',
    'é',
  ])('%j is not', (text) => {
    expect(isRepositoryPath(text)).toBe(false)
  })
})
